package pop

import (
	"maps"
	"runtime/debug"
	"slices"

	"tinycdn/zones"
)

// sendAway has visitors sent to other POPs than those that are down or drained, as it is by now.
func (p *POP) sendAway() {
	moved := false
	err := p.store.Update(func(d *zones.Draft) error {
		list := p.keptFrom() // nobody else can be later with an earlier list
		moved = moves(p.store.Current().Down(), list)
		d.SetDown(list, uint32(p.served.Load().Config.Health.DoubtTTL))
		return nil
	})
	if err != nil {
		p.log.Error("visitors cannot be sent to other POPs", "error", err, "effect", "they are sent as before")
	}
	p.warmSoon()
	if moved {
		debug.FreeOSMemory() // of the tables that were in use, and of what it took to make others
	}
}

// moves says whether visitors are sent elsewhere by one list than by the other. Doubts move nobody, and come with every packet that is
// lost.
func moves(before, after []zones.Down) bool {
	away := func(list []zones.Down) map[string]zones.Down {
		all := map[string]zones.Down{}
		for _, d := range list {
			if d.A || d.AAAA || d.Drained {
				all[d.POP] = zones.Down{A: d.A, AAAA: d.AAAA, Drained: d.Drained}
			}
		}
		return all
	}
	return !maps.Equal(away(before), away(after))
}

// keptFrom are the POPs from which visitors are kept, or soon may be. A drain holds whether POPs are checked or not.
func (p *POP) keptFrom() (list []zones.Down) {
	if view := p.checks.view.Load(); view != nil {
		for _, s := range view.Standings {
			if s.Out4 || s.Out6 || s.Doubt {
				list = append(list, zones.Down{POP: s.POP, A: s.Out4, AAAA: s.Out6, Doubt: s.Doubt, Since: s.Since, Why: s.Why})
			}
		}
	}
	for _, d := range p.drainage().Drains {
		i := slices.IndexFunc(list, func(down zones.Down) bool { return down.POP == d.POP })
		if i < 0 {
			i = len(list)
			list = append(list, zones.Down{POP: d.POP, Since: d.Since(), Why: "by " + d.By})
		}
		list[i].Drained = true
	}
	return list
}
