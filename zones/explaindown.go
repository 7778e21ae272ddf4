package zones

import "time"

// Out is a POP that something keeps visitors from, or soon may.
type Out struct {
	POP    string    `json:"pop"`
	Is     string    `json:"is"`               // "down", "drained" or "in doubt"
	A      bool      `json:"a,omitempty"`      // visitors are kept from it for this type,
	AAAA   bool      `json:"aaaa,omitempty"`   // and this
	Passed []string  `json:"passed,omitempty"` // the types of which another one's addresses are given instead: not where none is left
	Since  time.Time `json:"since,omitzero"`
	Why    string    `json:"why,omitempty"`
}

// first is the POP that an order leads to: the first that is not passed over.
func (a *addresses) first(order []uint8) string {
	f := &a.families[0]
	if f.table == nil {
		f = &a.families[1]
	}
	for _, pop := range order {
		if f.passed == nil || !f.passed[pop] {
			return a.steer.POPs[pop].Name
		}
	}
	for i, pop := range a.steer.POPs { // behind an order that was cut short
		if !f.passed[i] {
			return pop.Name
		}
	}
	return a.steer.POPs[order[0]].Name
}

// out tells of those of the POPs, which are in order, of which there is something to tell.
func (a *addresses) out(pops []Choice, d *downs) (list []Out) {
	for _, pop := range pops {
		for _, down := range d.list {
			if down.POP != pop.POP {
				continue
			}
			o := Out{POP: pop.POP, A: down.A || down.Drained, AAAA: down.AAAA || down.Drained, Since: down.Since, Why: down.Why}
			switch {
			case down.A || down.AAAA:
				o.Is = "down"
			case down.Drained:
				o.Is = "drained"
			case down.Doubt:
				o.Is = "in doubt"
			default:
				continue
			}
			for i, typ := range []string{"A", "AAAA"} {
				if passed := a.families[i].passed; passed != nil && passed[a.numberOf(pop.POP)] {
					o.Passed = append(o.Passed, typ)
				}
			}
			list = append(list, o)
		}
	}
	return list
}

// numberOf is the place of one of the map's POPs.
func (a *addresses) numberOf(name string) int {
	for i, pop := range a.steer.POPs {
		if pop.Name == name {
			return i
		}
	}
	panic("zones: internal error: a map's order has a POP that the map has not")
}
