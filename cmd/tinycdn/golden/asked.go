package golden

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/delegation"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/explain"
	"tinycdn/cmd/tinycdn/live"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/cmd/tinycdn/words"
	"tinycdn/zones"
)

// samples are what is asked to be recorded.
func (t *run) samples(ctx context.Context) ([]*Test, error) {
	if t.Record == "" {
		return nil, nil
	}
	if _, err := os.Lstat(t.Record); err == nil {
		return nil, exit.With(exit.Usage, fmt.Errorf("--record %s: is there already: name another, or take it away", t.Record))
	}
	snapshot, err := t.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	samples, err := samplesOf(snapshot)
	if err == nil && len(samples) == 0 {
		err = fmt.Errorf("%s: no geo name, or no map that sends some here and some there: there is nothing to record", t.path)
	}
	return samples, err
}

// borders are tests at borders of what the files here say.
func (t *run) borders(ctx context.Context) ([]*Test, int, error) {
	if t.Boundaries == 0 {
		return nil, 0, nil
	}
	snapshot, err := t.snapshot(ctx)
	if err != nil {
		return nil, 0, err
	}
	tests, n, err := bordersOf(snapshot, t.Boundaries)
	if err == nil && n == 0 {
		err = fmt.Errorf("%s: no geo name, or no map that sends some here and some there: there are no borders", t.path)
	}
	return tests, n, err
}

// delegations looks at those of all zones here.
func (t *run) delegations(ctx context.Context, r *Runner, p *progress) error {
	g, err := t.load()
	if err != nil {
		return err
	}
	snapshot, err := g.SnapshotWith(pop.Health{})
	if err != nil {
		return err
	}
	world := &delegation.World{}
	if t.Port != 0 {
		world.Port = fmt.Sprint(t.Port)
	}
	for _, text := range t.Resolvers {
		at, err := POPs{}.at(text)
		if err != nil {
			return exit.With(exit.Usage, fmt.Errorf("--resolver: %w", err))
		}
		world.Resolvers = append(world.Resolvers, at.Address.String())
	}
	for range snapshot.Zones {
		p.all++
	}
	r.runDelegations(ctx, world, snapshot, t.wanted)
	return nil
}

// wanted says whether an address is of a family that is to be asked over.
func (t *run) wanted(a netip.Addr) bool { return !(t.Only4 && !a.Is4() || t.Only6 && a.Is4()) }

// load loads the files here.
func (t *run) load() (*pop.Generation, error) {
	if t.path == "" {
		return nil, exit.With(exit.Usage, errors.New("what must come is in the configuration, and there is none: name it with --config FILE"))
	}
	system.TuneForLoading()
	g := pop.Load(t.path, nil, pop.Options{})
	return g, cmp.Or(g.Mistakes(), g.Err())
}

// snapshot is what the files here answer, while the POPs are as they say, or the one that runs here.
func (t *run) snapshot(ctx context.Context) (*zones.Snapshot, error) {
	g, err := t.load()
	if err != nil {
		return nil, err
	}
	health, unknown := explain.Here(g.Config, func() ([]zones.Down, error) {
		if t.Options.Away == nil {
			return nil, nil
		}
		return t.Options.Away(ctx)
	})
	t.away = awayLines(health.Down, unknown)
	return g.SnapshotWith(health)
}

// awayLines say which POPs are taken as down or drained, each once.
func awayLines(list []zones.Down, unknown error) (lines []string) {
	if unknown != nil {
		return []string{fmt.Sprintf("which POPs are down or drained is not known, and all are taken as up: %v", unknown)}
	}
	for _, d := range list {
		is := "down"
		switch {
		case !d.A && !d.AAAA && !d.Drained:
			continue // who is in doubt gets visitors
		case !d.A && !d.AAAA:
			is = "drained"
		case !d.AAAA:
			is = "down over IPv4"
		case !d.A:
			is = "down over IPv6"
		}
		line := fmt.Sprintf("%s is taken as %s", d.POP, is)
		if !d.Since.IsZero() {
			line += ", as it is since " + d.Since.Local().Format(time.DateTime)
		}
		if d.Why != "" {
			line += " (" + words.Line(d.Why) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// suite is the file of tests. Where something else is asked for, it must be named.
func (t *run) suite(w io.Writer) (*Suite, error) {
	if t.File == "" && (t.Boundaries > 0 || t.Record != "" || t.Delegation) {
		return &Suite{}, nil
	}
	file := t.File
	if file == "" {
		file = filepath.Join(filepath.Dir(t.path), "tests.toml")
	}
	if _, err := os.Lstat(file); t.File == "" && errors.Is(err, fs.ErrNotExist) {
		return nil, exit.With(exit.Usage, fmt.Errorf("%s: no such file or directory: name one, or have one written (tinycdn test --record %[1]s)", file))
	}
	suite, problems := read(file, t.pops)
	for _, p := range problems {
		fmt.Fprintln(w, p)
	}
	if len(problems) > 0 {
		return nil, exit.With(exit.Usage, nil)
	}
	return suite, nil
}

// findPlaces finds the POPs and where they answer. With --at there need be no configuration.
func (t *run) findPlaces() error {
	path, err := config.Path(t.Config)
	if err != nil && (len(t.At) == 0 || t.File == "") {
		return exit.With(exit.Usage, err)
	}
	t.pops = POPs{}
	if err == nil {
		t.path = path
		c := config.Load(path)
		if len(c.Mistakes) > 0 {
			return exit.With(exit.Usage, fmt.Errorf("%w (tinycdn check has all mistakes)", c.Mistakes[0].Problem))
		}
		for _, p := range c.POPs {
			t.pops[p.Name] = p.Addresses
		}
		for _, p := range live.Places(c, 0) {
			t.places = append(t.places, Place{POP: p.POP, Address: p.Address})
		}
	}
	if len(t.At) > 0 {
		t.places = nil
	}
	for _, text := range t.At {
		place, err := t.pops.at(text)
		if err != nil {
			return exit.With(exit.Usage, fmt.Errorf("--at: %w", err))
		}
		t.places = append(t.places, place)
	}
	t.places = slices.DeleteFunc(t.places, func(p Place) bool { return !t.wanted(p.Address.Addr()) })
	if len(t.places) == 0 {
		return exit.With(exit.Usage, errors.New("there is nobody to ask: no POP of the configuration has such an address (or say --at ADDRESS)"))
	}
	return nil
}
