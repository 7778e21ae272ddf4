package cluster

import (
	"context"
	"errors"
	"net/http"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// Past is a generation that was live, or is.
type Past struct {
	ID    manifest.ID `json:"id"`
	Time  time.Time   `json:"time"` // by its publisher's clock
	By    string      `json:"by"`
	Note  string      `json:"note,omitempty"`
	Files int         `json:"files"`
	Size  int64       `json:"size"` // octets

	Canary []string `json:"canary,omitempty"` // the POPs at which alone it is to be live; none: it is no canary
}

// serveHistory gives what lists does.
func (m *Member) serveHistory(w http.ResponseWriter, r *http.Request) error {
	all := []Past{}
	m.lists(func(list *manifest.Signed, canary []string) bool {
		all = append(all, pastOf(list, canary))
		return true
	})
	return answer(w, all)
}

// lists tells of the canary, if there is one, and of the generations that led to what is wanted, the newest first, as far as their lists
// are here, until tell has enough. What was prepared and never committed is not among them: nothing was made from it.
func (m *Member) lists(tell func(list *manifest.Signed, canary []string) (more bool)) {
	m.mu.Lock()
	id, canary := m.agreed.Wanted.ID, m.agreed.Canary
	m.mu.Unlock()
	if canary.Stands() {
		if list, err := m.store.Manifest(canary.ID); err == nil && !tell(list, canary.POPs) {
			return
		}
	}
	for id != (manifest.ID{}) {
		list, err := m.store.Manifest(id)
		if err != nil || !tell(list, nil) {
			return
		}
		id = list.Parent
	}
}

// Step is a generation, and what was changed by it.
type Step struct {
	Past
	Changes []manifest.Change // nil: what it was made from is not here any more
}

// Steps are the last so many generations, as lists tells of them.
func (m *Member) Steps(most int) (all []Step) {
	var after *manifest.Signed
	m.lists(func(list *manifest.Signed, canary []string) bool {
		if n := len(all); n > 0 && after.Parent == list.ID {
			all[n-1].Changes = append([]manifest.Change{}, manifest.Changes(&list.Manifest, &after.Manifest)...)
		}
		if after = list; len(all) < most {
			all = append(all, Step{Past: pastOf(list, canary)})
			return true
		}
		return false
	})
	return all
}

func pastOf(list *manifest.Signed, canary []string) Past {
	return Past{list.ID, list.Time, list.By, list.Note, len(list.Files), list.Size(), canary}
}

// History gives the generations that were live, the newest first, as the POP tells them that remembers the most.
func (p *Publisher) History(ctx context.Context) (longest []Past, err error) {
	p.connect()
	ctx, done := context.WithTimeout(ctx, askTime)
	defer done()
	lists := make(chan []Past, len(p.Members.POPs))
	wrong := p.each(p.names(), func(name string) error {
		var all []Past
		err := p.client(name).Call(ctx, "/v1/history", struct{}{}, &all)
		if err == nil {
			lists <- all
		}
		return err
	})
	close(lists)
	for list := range lists {
		if len(longest) == 0 || len(list) > 0 && (list[0].ID.Number > longest[0].ID.Number || list[0].ID == longest[0].ID && len(list) > len(longest)) {
			longest = list
		}
	}
	if len(wrong) == len(p.names()) {
		for _, one := range wrong {
			err = errors.Join(err, one)
		}
	}
	return longest, err
}
