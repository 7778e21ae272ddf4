package cluster

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// tellList gives a POP the list of a generation, against the one that it was made from if the POP has that, and learns what is
// missing there.
func (p *Publisher) tellList(ctx context.Context, name string, list *manifest.Signed, lacks *Lacks) error {
	var said lacksText
	err := p.sendList(ctx, name, "/v1/generation", list, &said)
	if err == nil {
		*lacks, err = said.read(list)
	}
	return err
}

// lacksText is what is missing as it travels: in a bit for each file of the list, as both sides have that. Thousands of hashes would
// be as many round trips as a connection needs that has not sent much yet.
type lacksText struct {
	Missing []byte        `json:"missing"`         // of several files with one content, the bit of the first is set
	Begun   map[int]int64 `json:"begun,omitempty"` // how much of a file's content is there, if any is
	Free    int64         `json:"free"`
}

func textOf(l Lacks, list *manifest.Signed) lacksText {
	text := lacksText{make([]byte, (len(list.Files)+7)/8), map[int]int64{}, l.Free}
	have := make(map[manifest.Hash]int64, len(l.Parts))
	for _, part := range l.Parts {
		have[part.Hash] = part.Have
	}
	for i, f := range list.Files {
		begun, is := have[f.Hash]
		if !is {
			continue
		}
		delete(have, f.Hash)
		text.Missing[i/8] |= 1 << (i % 8)
		if begun > 0 {
			text.Begun[i] = begun
		}
	}
	return text
}

// read is what is missing of a list. A POP that says what cannot be has lost its mind, and could have this publisher's send it more
// than there is.
func (t lacksText) read(list *manifest.Signed) (Lacks, error) {
	l := Lacks{Free: t.Free}
	seen := map[manifest.Hash]bool{}
	for i := range 8 * len(t.Missing) {
		if t.Missing[i/8]&(1<<(i%8)) == 0 {
			continue
		}
		if i >= len(list.Files) {
			return l, fmt.Errorf("it asks for file %d of %d", i+1, len(list.Files))
		}
		f := list.Files[i]
		if begun := t.Begun[i]; begun < 0 || begun > f.Size || seen[f.Hash] {
			return l, fmt.Errorf("it asks for what has been asked for, or for more than there is, of %s", f.Path)
		}
		seen[f.Hash] = true
		l.Parts = append(l.Parts, store.Part{Hash: f.Hash, Size: f.Size, Have: t.Begun[i]})
	}
	return l, nil
}

// readList reads the list of a generation, whole or told against another.
func (m *Member) readList(body io.Reader) (*manifest.Signed, error) {
	r := bufio.NewReader(body)
	if begin, _ := r.Peek(len("base ")); string(begin) != "base " {
		return m.readManifest(r)
	}
	text, err := channel.UnpackList(r, m.store.Text)
	if err != nil {
		return nil, err
	}
	return m.readManifest(bytes.NewReader(text))
}
