package publishing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/store"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/words"
)

// pulling is a folder that becomes what is live.
type pulling struct {
	force      bool
	top        *os.Root // paths never lead out of it
	last, live *manifest.Signed

	write  []manifest.File
	remove []string
	wrong  []string // changed here and there
}

// Pull makes this folder what is live. What was changed here stays, unless it is forced.
func Pull(ctx context.Context, s *session.Session, force bool, w io.Writer) (err error) {
	p := pulling{force: force}
	if p.last, err = s.Last(); err != nil {
		return err
	}
	if p.live, err = s.Live(ctx); err != nil {
		return err
	}
	if p.live.ID.Number == 0 {
		return errors.New("nothing has been published yet")
	}
	if err := p.open(s.File); err != nil {
		return err
	}
	defer p.top.Close()
	if err := p.compare(); err != nil {
		return err
	}
	if len(p.wrong) > 0 {
		return exit.With(exit.Stale, fmt.Errorf("changed here and in generation %d: %s (--force makes them what is live)", p.live.ID.Number, words.Few(p.wrong)))
	}
	if err := p.bring(ctx, s); err != nil {
		return err
	}
	fmt.Fprintf(w, "pulled      generation %d: %s written, %d removed\n", p.live.ID.Number, pop.Count(len(p.write), "file"), len(p.remove))
	return s.KeepLast(p.live)
}

// open opens the top of the tree in which the configuration lies.
func (p *pulling) open(config string) error {
	config, err := filepath.Abs(config)
	if err != nil {
		return err
	}
	top, ok := strings.CutSuffix(filepath.ToSlash(config), "/"+p.live.Config)
	if !ok {
		return fmt.Errorf("%s is not where generation %d has its configuration: %s", config, p.live.ID.Number, p.live.Config)
	}
	for _, f := range p.live.Files {
		if hidden := "/" + f.Path; strings.Contains(strings.ReplaceAll(hidden, "/.well-known/", "/"), "/.") {
			return fmt.Errorf("generation %d holds %s: hidden files are not written", p.live.ID.Number, f.Path)
		}
	}
	p.top, err = os.OpenRoot(top + "/")
	return err
}

// compare finds out what has to be done.
func (p *pulling) compare() error {
	for _, f := range p.live.Files {
		here, is, err := p.hash(f.Path)
		if err != nil {
			return err
		}
		was, _ := p.last.Find(f.Path)
		switch {
		case is && here == f.Hash:
		case !is || p.force || here == was.Hash:
			p.write = append(p.write, f)
		case was.Hash != f.Hash:
			p.wrong = append(p.wrong, f.Path)
		}
	}
	for _, f := range p.last.Files {
		if _, is := p.live.Find(f.Path); is {
			continue
		}
		here, is, err := p.hash(f.Path)
		switch {
		case err != nil:
			return err
		case !is:
		case here == f.Hash || p.force:
			p.remove = append(p.remove, f.Path)
		default:
			p.wrong = append(p.wrong, f.Path)
		}
	}
	return nil
}

// hash is that of a file here, if there is one.
func (p *pulling) hash(path string) (h manifest.Hash, is bool, err error) {
	file, err := p.top.Open(filepath.FromSlash(path))
	if errors.Is(err, fs.ErrNotExist) {
		return h, false, nil
	}
	if err != nil {
		return h, false, err
	}
	defer file.Close()
	h, err = manifest.HashOf(file)
	return h, true, err
}

// bring gets what is to be written as a whole, before anything here is changed.
func (p *pulling) bring(ctx context.Context, s *session.Session) error {
	folder := s.Path("arriving")
	arrived, err := store.Open(folder)
	if err != nil {
		return err
	}
	if err := s.Get(ctx, p.write, arrived); err != nil {
		return fmt.Errorf("nothing was changed here: %w", err)
	}
	for _, f := range p.write {
		if err := p.place(f, arrived); err != nil {
			return err
		}
	}
	for _, path := range p.remove {
		if err := p.top.Remove(filepath.FromSlash(path)); err != nil {
			return err
		}
		for dir := filepath.Dir(filepath.FromSlash(path)); dir != "."; dir = filepath.Dir(dir) {
			if p.top.Remove(dir) != nil {
				break // there is more in it
			}
		}
	}
	return os.RemoveAll(folder)
}

// place writes a file beside the one that it replaces, so that there is always one of them.
func (p *pulling) place(f manifest.File, arrived *store.Store) error {
	path := filepath.FromSlash(f.Path)
	if err := p.top.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	content, err := arrived.Blob(f.Hash)
	if err != nil {
		return err
	}
	defer content.Close()
	beside := filepath.Join(filepath.Dir(path), ".tinycdn-pull")
	p.top.Remove(beside)
	file, err := p.top.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	if err == nil {
		err = file.Chmod(f.Mode)
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = p.top.Chtimes(beside, time.Time{}, f.Time)
	}
	if err == nil {
		err = p.top.Rename(beside, path)
	}
	if err != nil {
		p.top.Remove(beside)
	}
	return err
}
