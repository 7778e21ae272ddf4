package cluster

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// TestACutAtAnyTenth is TestWhoeverDiesAtAnyStep within the longest of the steps: while the POP that relays is sent to, the laptop dies
// at each tenth of the octets, or that POP, or the link between them.
func TestACutAtAnyTenth(t *testing.T) {
	t.Parallel()
	for _, who := range []string{"laptop", "POP", "link"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			m := newMortal(t)
			last, source := m.next(t, "owner", &manifest.Signed{}, "0", 10)
			m.publish(t, last, nil, source)
			for tenth := 1; tenth < 10; tenth++ {
				if last = m.surviveCut(t, &death{who: who}, last, tenth); t.Failed() {
					t.Fatalf("when the %s is cut after %d0 %%", who, tenth)
				}
			}
		})
	}
}

func (m *mortal) surviveCut(t *testing.T, d *death, last *manifest.Signed, tenth int) *manifest.Signed {
	t.Helper()
	before, new := fmt.Sprint(2*tenth-2), fmt.Sprint(2*tenth-1)
	list, source := m.next(t, "laptop", last, new, 3<<20)
	p := &Publisher{Key: m.laptop, Members: m.far, Base: last}
	p.Tell = func(e Event) {
		if e.Step == "sending" && 10*e.Sent >= int64(tenth)*e.Of && d.came.CompareAndSwap(false, true) {
			d.pop = e.POP
			m.strike(d, m.pops[slices.Index(three, e.POP)])
		}
	}
	_, err := p.Publish(t.Context(), list, source)
	p.Close()
	m.mend(t, d)
	live, canary := m.agree(t)
	if is := live.ID == list.ID; !d.came.Load() || is != (err == nil) || is != (d.who != "laptop") {
		t.Errorf("it ended with %v, and generation %d is live", err, live.ID.Number)
	}
	if err == nil {
		before, last = new, list
	} else if !errors.Is(err, ErrNoMajority) {
		t.Errorf("it ended with %v", err)
	}
	m.serve(t, canary, before, "")
	next, source := m.next(t, "owner", last, fmt.Sprint(2*tenth), 10)
	m.publish(t, next, last, source)
	m.serve(t, canary, fmt.Sprint(2*tenth), "")
	if n := m.halves.Load(); n > 0 {
		t.Errorf("%d halves were loaded", n)
	}
	return next
}
