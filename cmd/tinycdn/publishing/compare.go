package publishing

import (
	"context"
	"errors"
	"path/filepath"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/compare"
	"tinycdn/cmd/tinycdn/config"
)

// version is a generation, or the folder that becomes one.
type version struct {
	list   *manifest.Manifest
	folder compare.Folder           // without a configuration: it is not at hand
	atHand map[manifest.Hash]string // where contents of it are
}

// compare finds out what differs from one version to another. What cannot be had or read of them is left out.
func (p *publication) compare(ctx context.Context, was, is version) *changes {
	c := &changes{files: manifest.Changes(was.list, is.list), config: is.list.Config}
	var names []string
	for _, f := range c.files {
		names = append(names, f.Path)
	}
	if is.folder.Config != nil {
		names = is.folder.Alone(names)
	}
	if was.list.Number == 0 || len(names) == 0 {
		return c
	}
	err := p.lay(ctx, &was, is.atHand, "before/was")
	if err == nil && is.folder.Config == nil {
		err = p.lay(ctx, &is, was.atHand, "before/is")
	}
	if err == nil {
		c.inside = compare.Folders(ctx, was.folder, is.folder, is.folder.Alone(was.folder.Alone(names)))
	}
	return c
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
	v.atHand = map[manifest.Hash]string{}
	for _, name := range append(folder.Alone(names), v.list.Config) {
		file, _ := v.list.Find(name)
		files = append(files, file)
	}
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
