package cluster

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// tellList gives a POP the list of a generation, against the one that it was made from if the POP has that, and learns what is
// missing there.
func (p *Publisher) tellList(ctx context.Context, name string, list *manifest.Signed, lacks *Lacks) error {
	base := p.Base
	if base != nil && base.ID.Number == 0 {
		base = nil
	}
	for {
		body, err := channel.PackList(list, base)
		if err != nil {
			return err
		}
		*lacks = Lacks{}
		err = p.client(name).Send(ctx, "/v1/generation", bytes.NewReader(body), lacks)
		if refused := (*channel.Refused)(nil); base != nil && errors.As(err, &refused) && refused.Status == http.StatusPreconditionFailed {
			base = nil
			continue
		}
		if err != nil {
			return err
		}
		return lacks.areOf(list)
	}
}

// areOf says whether what is missing is of a list. A POP that says something else has lost its mind, and could have this
// publisher's send it more than there is.
func (l *Lacks) areOf(list *manifest.Signed) error {
	sizes := make(map[manifest.Hash]int64, len(l.Parts))
	for _, f := range list.Files {
		sizes[f.Hash] = f.Size
	}
	for _, part := range l.Parts {
		size, ok := sizes[part.Hash]
		if !ok || size != part.Size || part.Have < 0 || part.Have > size {
			return fmt.Errorf("it asks for what is not in the generation, or has been asked for: %v", part)
		}
		delete(sizes, part.Hash)
	}
	return nil
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
