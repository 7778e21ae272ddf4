package cluster

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// act is something that a laptop does, and the steps of the protocol that it is made of.
type act struct {
	name  string
	steps []string
	size  int  // of what is new
	tried bool // there is a canary before
	do    func(t *testing.T, p *Publisher, list *manifest.Signed, source Source) error
}

// acts are all that change what POPs serve. What is large goes to one POP, from which the others fetch it.
var acts = []act{
	{"publish much", []string{"generation", "contents", "fetch", "give", "prepare", "commit"}, 300 << 10, false, publishing},
	{"publish little", []string{"prepare", "commit"}, 10, false, publishing},
	{"publish a canary", []string{"prepare", "canary"}, 10, false, func(t *testing.T, p *Publisher, list *manifest.Signed, source Source) error {
		p.Only = []string{"fra"}
		return publishing(t, p, list, source)
	}},
	{"finish a canary", []string{"canary", "prepare", "commit"}, 10, true, func(t *testing.T, p *Publisher, list *manifest.Signed, _ Source) error {
		_, err := p.Finish(t.Context(), list)
		return err
	}},
	{"take a canary back", []string{"canary"}, 10, true, func(t *testing.T, p *Publisher, _ *manifest.Signed, _ Source) error {
		if at, _ := p.TakeBack(t.Context()); len(at) == 0 {
			return ErrUnknown
		}
		return nil
	}},
}

func publishing(t *testing.T, p *Publisher, list *manifest.Signed, source Source) error {
	_, err := p.Publish(t.Context(), list, source)
	return err
}

// deathsAt are all that may happen at a step: before and after it is done, the laptop dies, or the POP that does it, or the link between
// them. A laptop is as dead whichever POP it speaks with.
func deathsAt(step string) (list []*death) {
	for i, pop := range three {
		first := ""
		switch step {
		case "contents", "give":
			first = pop
		case "fetch":
			first = three[(i+1)%len(three)]
		}
		for _, who := range []string{"laptop", "POP", "link"} {
			for _, after := range []bool{false, true} {
				if who != "laptop" || i == 0 {
					list = append(list, &death{who: who, pop: pop, step: step, after: after, first: first, listed: make(chan struct{})})
				}
			}
		}
	}
	return list
}

// hear is what the laptop tells.
func (d *death) hear(e Event) {
	if e.Step == "listed" && e.POP == d.first {
		d.once.Do(func() { close(d.listed) })
	}
}

func (d *death) String() string {
	when := map[bool]string{false: "before", true: "after"}[d.after]
	return fmt.Sprintf("the %s dies %s %s did %s", d.who, when, d.pop, d.step)
}

// TestWhoeverDiesAtAnyStep has all POPs serve the old or all the new afterwards, and the next publication go through.
//
// It is over loopback, with members in this process: a step is a request of theirs, which nobody can see between processes. There is no
// round trip to wait for, and the contents are some hundred KB, so that some 170 deaths, each with a restart and two publications, take
// seconds. What real processes, a line of 200 ms and one that is silent add is in tests/cluster.
func TestWhoeverDiesAtAnyStep(t *testing.T) {
	t.Parallel()
	for _, a := range acts {
		for _, step := range a.steps {
			t.Run(a.name+", "+step, func(t *testing.T) {
				t.Parallel()
				m := newMortal(t)
				last, source := m.next(t, "owner", &manifest.Signed{}, "0", 10)
				m.publish(t, last, nil, source)
				for i, d := range deathsAt(step) {
					if last = m.survive(t, &a, d, last, i+1); t.Failed() {
						t.Fatalf("when %v", d)
					}
				}
			})
		}
	}
}

// publish has the owner publish, which has to succeed.
func (m *mortal) publish(t *testing.T, list, base *manifest.Signed, source Source) {
	t.Helper()
	p := &Publisher{Key: m.owner, Members: m.members, Base: base}
	defer p.Close()
	if out, err := p.Publish(t.Context(), list, source); err != nil || len(out.Live) != 3 {
		t.Errorf("the next publication: %+v, %v", out, err)
	}
}

// survive has a laptop do something in which somebody dies, and the owner publish after that. It gives what all serve then.
func (m *mortal) survive(t *testing.T, a *act, d *death, last *manifest.Signed, i int) *manifest.Signed {
	t.Helper()
	before, tried := fmt.Sprint(2*i-2), fmt.Sprint(2*i-1)
	list, source := m.next(t, "laptop", last, tried, a.size)
	p := &Publisher{Key: m.laptop, Members: m.far, Base: last, Tell: d.hear}
	if a.tried {
		p.Only = []string{"fra"}
		if _, err := p.Publish(t.Context(), list, source); err != nil {
			t.Fatal(err)
		}
		p.Only, p.Canary = nil, m.settling(t, m.owner).Canary
	} else {
		all, _ := m.publisher().Status(t.Context())
		p.Canary = CanaryOf(all) // one that was taken back
	}
	m.death.Store(d)
	err := a.do(t, p, list, source)
	p.Close()
	if !d.came.Load() {
		t.Fatalf("nobody died when %v", d)
	}
	m.mend(t, d)
	live, canary := m.agree(t)
	now := before
	if live.ID == list.ID {
		now, last = tried, list
	}
	m.serve(t, canary, now, tried)
	if n := m.halves.Load(); n > 0 {
		t.Errorf("%d halves were loaded", n)
	}
	said := slices.ContainsFunc([]error{ErrNoMajority, ErrNoCanary, ErrInterrupted}, func(e error) bool { return errors.Is(err, e) })
	if is := live.ID == list.ID; said && !a.tried && (is || canary.ID == list.ID) || err == nil && d.who != "laptop" && is != (a.name != "publish a canary" && a.name != "take a canary back") {
		t.Errorf("it ended with %v, and generation %d is live, a canary %v", err, live.ID.Number, canary.POPs)
	}
	if canary.Stands() {
		last = m.settle(t, list, last, i)
		live, _ = m.agree(t)
	}
	next, source := m.next(t, "owner", last, fmt.Sprint(2*i), 10)
	m.publish(t, next, last, source)
	_, canary = m.agree(t)
	m.serve(t, canary, fmt.Sprint(2*i), "")
	return next
}

// settle has the owner finish a canary, or take it back, and gives what is live then.
func (m *mortal) settle(t *testing.T, list, last *manifest.Signed, i int) *manifest.Signed {
	t.Helper()
	p := m.settling(t, m.owner)
	if i%2 == 0 {
		if at, wrong := p.TakeBack(t.Context()); len(at) != 3 {
			t.Errorf("a canary is not taken back: %v", wrong)
		}
		return last
	}
	if out, err := p.Finish(t.Context(), list); err != nil || len(out.Live) != 3 {
		t.Errorf("a canary is not finished: %+v, %v", out, err)
	}
	return list
}
