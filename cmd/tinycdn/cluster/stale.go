package cluster

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// Stale is what a generation would undo that was made of an older one than it says; zero: nothing, as far as is known.
type Stale struct {
	From  uint64   `json:"from,omitempty"`  // the number of the older one
	Files []string `json:"files,omitempty"` // as they were there
}

// serveStale says whether a list was made from an old checkout. It is not kept.
func (m *Member) serveStale(w http.ResponseWriter, r *http.Request) error {
	next, err := m.readList(r.Body)
	if err != nil {
		return err
	}
	parent, err := m.store.Manifest(next.Parent)
	if err != nil {
		return err
	}
	for id := parent.Parent; id != (manifest.ID{}); {
		older, err := m.store.Manifest(id)
		if err != nil {
			break
		}
		if files := undoesAll(&older.Manifest, &parent.Manifest, &next.Manifest); len(files) > 0 {
			return answer(w, Stale{id.Number, files})
		}
		id = older.Parent
	}
	return answer(w, Stale{})
}

// undoesAll are the files that next has as they were in an older generation, if it has nothing of what was changed from that to live: then
// that is what it was made from. Whoever takes back a part of that has the rest.
func undoesAll(older, live, next *manifest.Manifest) (files []string) {
	for _, c := range manifest.Changes(older, live) {
		was, had := older.Find(c.Path)
		now, lives := live.Find(c.Path)
		is, has := next.Find(c.Path)
		if lives == has && now.Hash == is.Hash {
			return nil
		}
		if had == has && was.Hash == is.Hash {
			files = append(files, c.Path)
		}
	}
	return files
}

// Stale asks the POPs whether a list was made from an older generation than it says, for a folder that does not know what it came from.
func (p *Publisher) Stale(ctx context.Context, list *manifest.Signed) (s Stale, err error) {
	p.connect()
	ctx, done := context.WithTimeout(ctx, stallTime)
	defer done()
	for _, name := range p.names() {
		if err = p.sendList(ctx, name, "/v1/stale", list, &s); err == nil {
			return s, nil
		}
		if refused := (*channel.Refused)(nil); errors.As(err, &refused) && refused.Status == http.StatusNotFound {
			return Stale{}, nil // an older tinycdn, which does not know
		}
	}
	return Stale{}, err
}

// sendList sends a POP the list of a generation, against the one that it was made from if the POP has that.
func (p *Publisher) sendList(ctx context.Context, name, path string, list *manifest.Signed, answer any) error {
	base := p.Base
	if base != nil && base.ID.Number == 0 {
		base = nil
	}
	for {
		body, err := channel.PackList(list, base)
		if err != nil {
			return err
		}
		err = p.client(name).Send(ctx, path, bytes.NewReader(body), answer)
		if refused := (*channel.Refused)(nil); base != nil && errors.As(err, &refused) && refused.Status == http.StatusPreconditionFailed {
			base = nil
			continue
		}
		return err
	}
}
