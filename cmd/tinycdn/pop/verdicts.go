package pop

import (
	"fmt"
	"strings"

	"tinycdn/zones"
	"tinycdn/zones/health"
)

// tell logs what was agreed, a line for each POP.
func (c *checks) tell(changes []health.Change, standings []health.Standing) {
	for len(changes) > 0 {
		first := changes[0]
		var of []string
		var rest []health.Change
		for _, one := range changes {
			if one.POP == first.POP && one.Down == first.Down {
				of = append(of, one.Check.String())
			} else {
				rest = append(rest, one)
			}
		}
		changes = rest
		what := strings.Join(of, ", ")
		if first.Down {
			effect := effectOf(first.POP, standings)
			c.pop.log.Warn("a POP is down", "pop", first.POP, "what", what, "seen_by", health.Told(first.Seen), "effect", effect)
			c.pop.notifyOf(&first, what, effect)
		} else {
			c.pop.log.Info("a POP is up again", "pop", first.POP, "what", what, "seen_by", health.Told(first.Seen))
			c.pop.notifyOf(&first, what, "")
		}
	}
	all := c.allOut(standings)
	if all && !c.allDown {
		c.pop.log.Error("all POPs are down, as far as they see each other", "effect", "visitors are sent to them as if all were up")
	}
	c.allDown = all
}

// effectOf is what it costs that a POP is down.
func effectOf(pop string, standings []health.Standing) string {
	for _, s := range standings {
		if s.POP == pop && (s.Out4 || s.Out6) {
			return "visitors are sent to other POPs"
		}
	}
	return "resolvers ask the other nameservers; no answer is changed"
}

// allOut says whether no POP is left to send visitors to.
func (c *checks) allOut(standings []health.Standing) bool {
	out := 0
	for _, s := range standings {
		if s.Out4 || s.Out6 {
			out++
		}
	}
	return out > 1 && out == len(c.of.Config.POPs)
}

// pops are the other POPs as this one sees them and they agree on, for the health page: what one is does not make this one unwell.
func (c *checks) pops() map[string]health.Standing {
	view := c.view.Load()
	if view == nil {
		return nil
	}
	all := map[string]health.Standing{}
	for _, m := range view.Members {
		all[m.Name] = health.Standing{POP: m.Name}
	}
	for _, s := range view.Standings {
		all[s.POP] = s
	}
	return all
}

// logWhat logs what of the other POPs of a generation is looked at, if it is something else.
func (c *checks) logWhat(g *Generation, targets int) {
	page, zone := "none", "none"
	if p := g.checkedPage(); p != nil {
		page = p.String()
	}
	if z := g.checkedZone(); z != nil {
		zone = zones.NameText(z)
	}
	what := fmt.Sprint(page, zone, g.Config.Health.Interval, targets)
	if targets == 0 || what == c.what {
		return
	}
	c.what = what
	c.pop.log.Info("the other POPs are looked at", "page", page, "zone", zone, "every", g.Config.Health.Interval, "targets", targets)
}
