package publishing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/compare"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/state"
)

// version is a generation, or the folder that becomes one, or a database under the maps of one.
type version struct {
	name   string // as somebody called it
	list   *manifest.Manifest
	folder compare.Folder           // without a configuration: it is not at hand
	atHand map[manifest.Hash]string // where contents of it are

	laid      bool     // the folder has its configuration and zones alone: its other files are where atHand says, if they are at all
	databases []string // in the place of those that the configuration names; nil: these are meant
	mapsAlone bool     // only who is sent where is to be compared
	textAlone bool     // there are no files of sites
}

// finder finds versions by what somebody calls them.
type finder struct {
	file    string // the configuration that is given, or ""
	join    func() (*session.Session, error)
	session *session.Session // nil: nobody needed it yet
	live    *manifest.Signed
}

// What a version may be called, beside a number, a path and the beginning of a hash.
const (
	liveName = "live" // what the cluster serves
	lastName = "last" // the copies of what was last right, that the POP on this machine has
	hereName = ""     // the folder at hand
)

var hashBegins = regexp.MustCompile(`^[0-9a-f]{8,64}$`)

// find gives a version by its name.
func (f *finder) find(ctx context.Context, name string) (version, error) {
	if number, err := strconv.ParseUint(name, 10, 63); err == nil || name == liveName {
		return f.generation(ctx, name, func(id manifest.ID) bool { return id.Number == number })
	}
	switch name {
	case hereName:
		path, err := config.Path(f.file)
		if err != nil {
			return version{}, err
		}
		return f.folder(path, "this folder")
	case lastName:
		return f.last()
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return f.folder(filepath.Join(name, "tinycdn.toml"), name)
	case err == nil && strings.HasSuffix(name, ".toml"):
		return f.folder(name, name)
	case err == nil:
		return f.database(name)
	case hashBegins.MatchString(name):
		return f.generation(ctx, name, func(id manifest.ID) bool { return strings.HasPrefix(id.Hash.String(), name) })
	}
	return version{}, exit.With(exit.Usage, fmt.Errorf("%s: want a folder, a database, a generation by its number or hash (tinycdn history --json), live, or last", name))
}

// generation is one that is live or was, or the canary.
func (f *finder) generation(ctx context.Context, name string, is func(manifest.ID) bool) (v version, err error) {
	if f.session == nil {
		if f.session, err = f.join(); err != nil {
			return v, err
		}
	}
	if f.live == nil {
		if f.live, err = f.session.Live(ctx); err != nil {
			return v, err
		}
	}
	if name == liveName || is(f.live.ID) {
		return version{name: name, list: &f.live.Manifest}, nil
	}
	all, err := f.session.History(ctx)
	if err != nil {
		return v, exit.With(exit.Unreached, err)
	}
	for _, past := range all {
		if is(past.ID) {
			list, err := f.session.List(ctx, past.ID)
			if err != nil {
				return v, err
			}
			return version{name: name, list: &list.Manifest}, nil
		}
	}
	return v, fmt.Errorf("generation %s is not among those that are kept (tinycdn history lists them)", name)
}

// folder is that of a configuration.
func (f *finder) folder(path, name string) (v version, err error) {
	g, err := checkFolder(path, &telling{w: nowhere{}})
	if err != nil {
		hint := ""
		if name != "this folder" {
			hint = " --config " + path
		}
		return v, fmt.Errorf("%s has mistakes (tinycdn check%s)", name, hint)
	}
	v = version{name: name, list: &manifest.Manifest{}, folder: compare.Folder{Config: g.Config}}
	scan := manifest.Scan
	if folder := cluster.FolderOf(path); f.session != nil && f.session.Folder == folder {
		scan = folder.Scan // which remembers what it has read
	}
	if v.folder.Top, v.list.Files, err = filesOf(scan, g); err != nil {
		return v, err
	}
	v.list.Config = relative(v.folder.Top, path)
	v.atHand = paths(v.folder.Top, v.list.Files)
	return v, nil
}

// nowhere is where nobody reads.
type nowhere struct{}

func (nowhere) Write(text []byte) (int, error) { return len(text), nil }

// present is the configuration at hand, without a look at its zones and sites.
func (f *finder) present() (*config.Config, error) {
	path, err := config.Path(f.file)
	if err != nil {
		return nil, err
	}
	return fineConfig(path)
}

// fineConfig is a configuration without mistakes.
func fineConfig(path string) (*config.Config, error) {
	c := config.Load(path)
	if len(c.Mistakes) > 0 {
		return nil, errors.New(c.Mistakes[0].Problem.String())
	}
	return c, nil
}

// database is the configuration at hand with another database.
func (f *finder) database(path string) (v version, err error) {
	v = version{name: path, mapsAlone: true}
	if v.folder.Config, err = f.present(); err == nil {
		v.databases, err = compare.Replacing(v.folder.Config.GeoIP.Databases, []string{path})
	}
	return v, err
}

// last are the configuration and zones as they were when they were last right. Of databases there are no copies: those of now stand in.
func (f *finder) last() (v version, err error) {
	path, err := config.Path(f.file)
	if err != nil {
		return v, err
	}
	copies := state.At("").Copies(path)
	if path, err = filepath.Abs(path); err != nil {
		return v, err
	}
	if !state.At("").HasCopy(path) {
		return v, fmt.Errorf("last: there are no copies of %s and what it names, which a POP without a cluster keeps", path)
	}
	v = version{name: lastName, list: &manifest.Manifest{}, textAlone: true}
	var names []string
	for _, name := range copies.Files() {
		names = append(names, filepath.Join(copies.Folder, name))
	}
	if v.folder.Top, names, err = tree(names); err != nil {
		return v, err
	}
	if v.list.Files, err = manifest.Scan(v.folder.Top, names); err != nil {
		return v, err
	}
	v.list.Config = relative(v.folder.Top, filepath.Join(copies.Folder, path))
	if v.folder.Config, err = fineConfig(filepath.Join(copies.Folder, path)); err != nil {
		return v, err
	}
	v.databases = []string{}
	for _, database := range v.folder.Config.GeoIP.Databases {
		v.databases = append(v.databases, strings.TrimPrefix(database, copies.Folder))
	}
	return v, nil
}
