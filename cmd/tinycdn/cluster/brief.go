package cluster

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// brief is how a POP is asked to prepare a generation: by its ID. What is small goes along, because each question of its own would
// cost a round trip: the list, if the POP may not have it, and after a newline the contents that are new in it.
type brief struct {
	manifest.ID
	List []byte `json:"list,omitempty"` // as channel.PackList writes it
}

// maxBrief in octets: what is small, packed or not, and a list in a few words.
const maxBrief = 2 * small

// errLacks is that a POP lacks more of a generation than it was sent with the question.
var errLacks = errors.New("a POP lacks more than what is new")

// agreeAtOnce has the POPs prepare what they probably have but for what is new since Base. errLacks says that one has not, or that
// it is too much, and then nothing was changed.
func (p *Publisher) agreeAtOnce(ctx context.Context, list *manifest.Signed, source Source, begin time.Time, out *Outcome) (s signed, err error) {
	if p.Base == nil || p.Base.ID.Number == 0 {
		return s, errLacks
	}
	var parts []store.Part
	if source != nil {
		parts = newSince(p.Base, list)
	}
	size := missing(Lacks{Parts: parts})
	if size > small {
		return s, errLacks
	}
	packed, err := channel.PackList(list, p.Base)
	if err != nil {
		return s, err
	}
	text, err := json.Marshal(brief{list.ID, packed})
	if err != nil {
		return s, err
	}
	question := bytes.NewBuffer(append(text, '\n'))
	if err := writeContents(question, slices.Values(parts), source); err != nil {
		return s, err
	}
	if question.Len() > maxBrief {
		return s, errLacks
	}
	if s, err = p.agree(ctx, list, question.Bytes(), begin, out); err == nil && len(parts) > 0 {
		out.Sent, out.Contents, out.To = size, len(parts), p.left(out)
		p.tell(Event{Step: "sent", After: time.Since(begin), Outcome: out})
	}
	return s, err
}

// newSince are the contents of a list that are not in another.
func newSince(base, list *manifest.Signed) (parts []store.Part) {
	known := make(map[manifest.Hash]bool, len(base.Files))
	for _, f := range base.Files {
		known[f.Hash] = true
	}
	for _, f := range list.Files {
		if !known[f.Hash] {
			known[f.Hash] = true
			parts = append(parts, store.Part{Hash: f.Hash, Size: f.Size})
		}
	}
	return parts
}

// lacking is that a POP needs more of a generation than what came with a brief.
type lacking struct{ error }

func asLacking(err error) error {
	if err != nil {
		err = lacking{err}
	}
	return err
}

// readBrief reads what a POP is asked to prepare, and takes what came along.
func (m *Member) readBrief(w http.ResponseWriter, r *http.Request) (*manifest.Signed, error) {
	body := bufio.NewReader(http.MaxBytesReader(w, r.Body, maxBrief))
	line, err := body.ReadBytes('\n')
	if err != nil && err != io.EOF {
		return nil, err
	}
	var asked brief
	if err := json.Unmarshal(line, &asked); err != nil {
		return nil, err
	}
	if asked.List == nil {
		return m.store.Manifest(asked.ID)
	}
	list, err := m.readList(bytes.NewReader(asked.List))
	if err != nil {
		return nil, err
	}
	if list.ID != asked.ID {
		return nil, errors.New("the list is that of another generation")
	}
	if err := m.store.KeepManifest(list); err != nil {
		return nil, err
	}
	parts := m.store.Unknown(&list.Manifest)
	if need := missing(Lacks{Parts: parts}); need > small || m.room(parts) < need {
		return nil, lacking{errLacks}
	}
	if err := takeContents(m.store, body); err != nil {
		return nil, err
	}
	for _, p := range parts {
		if !m.store.Has(p.Hash) {
			return nil, lacking{errLacks}
		}
	}
	return list, nil
}
