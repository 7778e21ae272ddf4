package publishing

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/compare"
	"tinycdn/cmd/tinycdn/config"
)

// wordsTime is how long a publication waits for what its changes are in words.
const wordsTime = 2 * time.Second

// movesTime is how long a publication waits for what moves from POP to POP: two City databases may have to be read.
const movesTime = 4 * time.Second

// compare finds out what differs from one version to another. What cannot be had or read of them is left out.
func (p *publication) compare(ctx context.Context, was, is version) *changes {
	c := &changes{files: manifest.Changes(was.list, is.list), config: is.list.Config}
	var names []string
	for _, f := range c.files {
		names = append(names, f.Path)
	}
	matters := len(names) > 0
	if is.folder.Config != nil {
		matters = slices.ContainsFunc(names, is.folder.IsDatabase)
		names = is.folder.Alone(names)
	}
	if was.list.Config == "" || len(names) == 0 && !matters {
		return c
	}
	hurry, cancel := p.inHurry(ctx, wordsTime)
	defer cancel()
	var err error
	if was.folder.Config == nil {
		err = p.lay(hurry, &was, is.atHand, "before/was")
	}
	if err == nil && is.folder.Config == nil {
		err = p.lay(hurry, &is, was.atHand, "before/is")
	}
	if err != nil {
		return c
	}
	c.inside = compare.Folders(hurry, was.folder, is.folder, is.folder.Alone(was.folder.Alone(names)))
	moving, stop := p.inHurry(ctx, movesTime)
	defer stop()
	c.moves, c.unmoved = p.moves(moving, &was, &is)
	return c
}

// inHurry is a context of somebody who does not wait long, if that is who publishes.
func (p *publication) inHurry(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if p.Options == nil || p.Dry {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, limit)
}

// between is what changes from one generation to another: in words only for who looks, as everybody else is in a hurry.
func (p *publication) between(ctx context.Context, was, is *manifest.Manifest) *changes {
	if p.Dry {
		return p.compare(ctx, version{list: was}, version{list: is})
	}
	return &changes{files: manifest.Changes(was, is)}
}

// lay lays down what is compared of a generation: its configuration and zones.
func (p *publication) lay(ctx context.Context, v *version, atHand map[manifest.Hash]string, name string) error {
	file, ok := v.list.Find(v.list.Config)
	if !ok {
		return errors.New("there is no configuration")
	}
	folder, err := p.layFiles(ctx, v.list, []manifest.File{file}, atHand, "before/config")
	if err != nil {
		return err
	}
	var names []string
	for _, f := range v.list.Files {
		if f.Mode != manifest.Private {
			names = append(names, f.Path)
		}
	}
	var files []manifest.File
	v.atHand = maps.Clone(atHand)
	if v.atHand == nil {
		v.atHand = map[manifest.Hash]string{}
	}
	for _, name := range append(folder.Alone(names), v.list.Config) {
		file, _ := v.list.Find(name)
		files = append(files, file)
	}
	v.laid = true
	v.folder, err = p.layFiles(ctx, v.list, files, atHand, name)
	for _, f := range files {
		v.atHand[f.Hash] = filepath.Join(v.folder.Top, filepath.FromSlash(f.Path))
	}
	return err
}

func (p *publication) layFiles(ctx context.Context, list *manifest.Manifest, files []manifest.File, atHand map[manifest.Hash]string, name string) (f compare.Folder, err error) {
	if f.Top, err = p.Lay(ctx, &p.Publisher, files, atHand, name); err != nil {
		return f, err
	}
	if f.Top, err = filepath.Abs(f.Top); err == nil {
		f.Config = config.Load(filepath.Join(f.Top, filepath.FromSlash(list.Config)))
	}
	return f, err
}
