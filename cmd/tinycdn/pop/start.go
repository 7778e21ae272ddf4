package pop

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/delegation"
	"tinycdn/cmd/tinycdn/state"
	"tinycdn/cmd/tinycdn/system"
)

// Start is how a POP is started.
type Start struct {
	Config string       // the path of its configuration
	POP    string       // which POP it is; "": the environment says, or the configuration
	Log    string       // "text" or "json"; "": the configuration says
	State  state.Folder // where copies are of what was last right; of none there are none

	member *member          // of a cluster; nil: of none
	world  delegation.World // how it is asked
	by     *system.Handover // what the process before has left; nil: there was none
}

// start binds all sockets, gives up what only that needed, and then loads everything for the first time: what zones and sites
// name is read by the user whom we have become. Where there is a mistake, what was last right stands in for it. Without that it
// costs what it is about, and a bad database its precision: the built-in table stands in. Only if mistakes in the configuration
// leave nothing to answer is that the end.
func start(s Start, out *system.LogQueue) (*POP, error) {
	kept := s.State.Copies(s.Config)
	drained, verdicts, tables := kept.Beside("drains"), kept.Beside("verdicts"), kept.Beside("tables") // a stand-in reads them, too
	if s.member != nil {
		verdicts, tables = filepath.Join(s.member.Dir(), "verdicts"), filepath.Join(s.member.Dir(), "tables")
	}
	certificates, statistics := inState(s.State.Path), statsIn(s.State.Path)
	if s.member != nil {
		certificates, statistics = inState(s.member.Dir()), statsIn(s.member.Dir())
	}
	if s.by != nil && s.by.Role == system.StandInRole {
		s.State = state.Folder{} // what stands in for mistakes is for a start that must be; and it is another's to keep
	}
	var reader config.Reader
	there, copies := reader.Load(s.Config, false, nil), s.State.Copies(s.Config)
	name, unfit := fit(there, s.POP)
	c := there
	if good, as := lastGood(copies, s); good != nil && (unfit != nil || len(c.Mistakes) > 0 || len(emptied(c, namedBy(good))) > 0) {
		c, name = good, as
	}
	p := New(name, c, out.Logger(cmp.Or(s.Log, c.Log)))
	p.path, p.config, p.copies, p.member, p.checks.memory = s.Config, reader, copies, s.member, verdicts
	p.tables = newKeptTables(tables, p.log)
	p.ordering.folder, p.ordering.world, p.counting.folder = certificates, s.world, statistics
	p.ordering.world.Down = p.nameserverDown
	if p.member != nil {
		p.ordering.proofs.tell = p.member.ShowProofs
	}
	if err := p.inherit(cmp.Or(s.by, new(system.Handover))); err != nil {
		return nil, err
	}
	switch {
	case len(c.Mistakes) > 0 && !c.NamesAnything():
		err := system.GiveUp(c.User, false, system.Folders{})
		if err == nil {
			err = load(c, nil, p.options()).Err() // with all that is wrong beside it
		}
		return nil, err
	case unfit != nil && c == there:
		return nil, errors.Join(errorOf(mistakesIn(c)), unfit)
	case unfit != nil:
		p.log.Error(unfit.Error(), "effect", "the start is by "+copyOf(c.Copied()))
	}
	if err := p.Listen(); err != nil {
		return nil, errors.Join(errorOf(mistakesIn(c)), err) // they may be why
	}
	if err := p.load(there, s.State, drained); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// fit settles which POP it is that starts by a configuration, and tells why none can.
func fit(c *config.Config, popFlag string) (name string, err error) {
	if name, err = c.ThisPOP(popFlag); err != nil {
		return "", fmt.Errorf("%s: %w", c.Path(), err)
	}
	if len(c.ListenAt(name).DNS) == 0 {
		return "", fmt.Errorf(`%s: dns.listen: these are addresses of other POPs, and this is %s (did you mean "pop", each POP's own?)`, c.Path(), name)
	}
	_, _, err = system.UserIDs(c.User)
	return name, err
}

// load is what start does once all is bound, by a configuration of which there may be another.
func (p *POP) load(there *config.Config, folder state.Folder, drained string) error {
	p.makeKeeper(folder)
	if p.copies != nil && p.keeper == nil { // as has been told
		p.tables = nil
	}
	if err := p.giveUp(); err != nil {
		return err
	}
	p.openDrains(drained)
	g := p.first(there)
	if err := p.fitToStandIn(g); err != nil {
		return err
	}
	if len(p.started.Mistakes) > 0 && !g.good() {
		return g.Err()
	}
	if err := p.Adopt(g); err != nil {
		return err
	}
	p.takeOverProofs()
	p.believe()
	p.read = p.current
	p.keeper.offer(p.current)
	if !p.standsIn() { // else they are told by the one that is to come
		p.reporter.report(p.findingsOf(g), false, false)
	}
	system.TuneForServing(p.web != nil)
	return nil
}
