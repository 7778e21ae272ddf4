package publishing

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/compare"
)

// moves are what is sent from POP to POP by one version, and otherwise by another.
func (p *publication) moves(ctx context.Context, was, is *version) (*compare.Moves, error) {
	before, err := p.steering(ctx, was, "before/was.data")
	if err != nil {
		return nil, err
	}
	after, err := p.steering(ctx, is, "before/is.data")
	if err != nil {
		return nil, err
	}
	type result struct {
		moves *compare.Moves
		err   error
	}
	done := make(chan result, 1)
	go func() {
		moves, err := compare.Steerings(before, after, func() (compare.Audience, error) { return p.audience(ctx, was, is) })
		done <- result{moves, err}
	}()
	select {
	case r := <-done:
		return r.moves, r.err
	case <-ctx.Done(): // who is in a hurry does not wait for databases to be read
		return nil, errors.New("it takes too long to find out here")
	}
}

// steering is what a version sends addresses to POPs by. Databases that are not at hand are laid down by that name, unless somebody is in a
// hurry: they are large.
func (p *publication) steering(ctx context.Context, v *version, name string) (compare.Steering, error) {
	s := compare.Steering{Config: v.folder.Config, Databases: v.databases}
	if len(v.folder.Config.Mistakes) > 0 {
		return s, errors.New(v.folder.Config.Mistakes[0].Problem.String())
	}
	if v.databases != nil {
		return s, nil
	}
	if s.Databases = v.folder.Config.GeoIP.Databases; !v.laid {
		return s, nil
	}
	s.Databases = nil
	var missing []manifest.File
	for _, path := range v.folder.Databases() {
		file, ok := v.list.Find(path)
		if !ok {
			return s, fmt.Errorf("%s is not among its files", path)
		}
		at := v.atHand[file.Hash]
		if at == "" {
			at = filepath.Join(p.Path(name), filepath.FromSlash(path))
			missing = append(missing, file)
		}
		s.Databases = append(s.Databases, at)
	}
	if _, hurry := ctx.Deadline(); hurry && len(missing) > 0 {
		return s, fmt.Errorf("%s of then is not at hand", missing[0].Path)
	}
	if len(missing) == 0 {
		return s, nil
	}
	_, err := p.Lay(ctx, &p.Publisher, missing, nil, name)
	return s, err
}
