package publishing

import (
	"context"
	"fmt"
	"io"
	"slices"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/compare"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/words"
)

// Comparison is what somebody wants to be compared.
type Comparison struct {
	File     string                           // the configuration at hand; "": one of the usual ones
	Old, New string                           // versions by their names; "": what is live, and what is at hand
	Join     func() (*session.Session, error) // with the cluster, if a generation is named
	JSON     bool

	StatsFile string     // where it stands who came in the last days; "": whoever knows is asked
	Stats     Statistics // where there is no session
}

// Diff shows how a version differs from another: by files, in words, and by what moves from POP to POP.
func Diff(ctx context.Context, c Comparison, w io.Writer) error {
	f := finder{file: c.File, join: c.Join}
	defer f.close()
	if c.Old == "" {
		c.Old = liveName
	}
	was, err := f.find(ctx, c.Old)
	if err != nil {
		return err
	}
	is, err := f.find(ctx, c.New)
	if err != nil {
		return err
	}
	p := publication{Session: f.session, say: newTelling(w, c.JSON), stats: c.Stats}
	if c.StatsFile != "" {
		if p.came, err = readAudienceFile(c.StatsFile); err != nil {
			return exit.With(exit.Usage, err)
		}
	}
	changes, err := p.differing(ctx, was, is)
	if err != nil {
		return err
	}
	if c.JSON {
		values := changes.values(was.number())
		values["old"], values["new"] = was.name, is.name
		p.say.object("changed", values)
		return nil
	}
	for _, line := range append(changes.words(), changes.moving(true)...) {
		fmt.Fprintln(w, words.Line(line))
	}
	if changes.moves != nil {
		printCredits(w, changes.moves)
	}
	return nil
}

// printCredits names the databases that say where what moves is, as their licences want it.
func printCredits(w io.Writer, moves *compare.Moves) {
	for _, info := range moves.Databases {
		if info.Attribution != "" {
			fmt.Fprintf(w, "%s: %s\n", info.Path, info.Attribution)
		}
	}
}

// differing compares two versions as far as both can be.
func (p *publication) differing(ctx context.Context, was, is version) (c *changes, err error) {
	if was.mapsAlone || is.mapsAlone {
		c = &changes{}
		for _, v := range []*version{&was, &is} {
			if v.folder.Config != nil {
				continue
			}
			if err := p.lay(ctx, v, nil, "before/is"); err != nil {
				return nil, err
			}
		}
		c.moves, err = p.moves(ctx, &was, &is)
		return c, err
	}
	if was.textAlone {
		keepText(is.list, &is.folder)
	} else if is.textAlone {
		keepText(was.list, &was.folder)
	}
	return p.compare(ctx, was, is), nil
}

// keepText leaves out the files of sites and databases, of which the other side has none.
func keepText(list *manifest.Manifest, folder *compare.Folder) {
	if folder.Config == nil {
		return
	}
	list.Files = slices.DeleteFunc(list.Files, func(f manifest.File) bool { return len(folder.Alone([]string{f.Path})) == 0 })
}

func (v *version) number() uint64 {
	if v.list == nil {
		return 0
	}
	return v.list.Number
}

func (f *finder) close() {
	if f.session != nil {
		f.session.Close()
	}
}

// Steering is what a version sends addresses to POPs by, and what it is called.
func Steering(ctx context.Context, c Comparison, name string) (compare.Steering, error) {
	f := finder{file: c.File, join: c.Join}
	defer f.close()
	if name == hereName {
		present, err := f.present()
		if err != nil {
			return compare.Steering{}, err
		}
		return compare.Steering{Config: present, Databases: present.GeoIP.Databases}, nil
	}
	v, err := f.find(ctx, name)
	if err != nil {
		return compare.Steering{}, err
	}
	p := publication{Session: f.session, say: newTelling(nowhere{}, false)}
	if v.folder.Config == nil {
		if err := p.lay(ctx, &v, nil, "before/is"); err != nil {
			return compare.Steering{}, err
		}
	}
	return p.steering(ctx, &v, "before/is.data")
}
