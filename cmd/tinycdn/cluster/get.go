package cluster

import (
	"context"
	"errors"
	"fmt"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// Get brings the contents of files that a store lacks into it, from whichever POPs have them. What has come stays there.
func (p *Publisher) Get(ctx context.Context, files []manifest.File, into *store.Store) error {
	p.connect()
	wanted := &manifest.Manifest{Files: files}
	err := errors.New("no POP has them")
	for _, name := range p.names() {
		missing := into.Missing(wanted)
		if len(missing) == 0 {
			return nil
		}
		if err = p.get(ctx, name, missing, into); err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(into.Missing(wanted)) == 0 {
		return nil
	}
	return err
}

func (p *Publisher) get(ctx context.Context, name string, parts []store.Part, into *store.Store) error {
	stream, err := p.client(name).Stream(ctx, "/v1/give", encode(parts))
	if err != nil {
		return err
	}
	defer stream.Close()
	return takeContents(into, stream)
}
