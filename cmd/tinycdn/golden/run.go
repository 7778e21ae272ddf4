package golden

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/miekg/dns"
)

// networks are those over which each question is put.
var networks = []string{"udp", "tcp"}

// Check is a test that was made at one place, over one network.
type Check struct {
	Test    string `json:"test"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Place   Place  `json:"place"`
	Network string `json:"network"` // "udp", "tcp", "http" or "https"
	Want    string `json:"want,omitempty"`
	Got     string `json:"got,omitempty"`
	Repeat  string `json:"repeat,omitempty"` // the line of dig or curl that does it again

	failed bool
	place  int // its number
	many   int // so many tests were made that came out right; 0: this is one
}

// Down is a place that does not answer, or not over some networks. What was to be tested there is not told.
type Down struct {
	Place    Place    `json:"place"`
	Networks []string `json:"networks"`
	Why      string   `json:"why"`
	NotMade  int      `json:"not_made"` // tests
}

// Report is what came of testing.
type Report struct {
	Places   []Place
	Checks   []Check // in the order of the file, then of the places
	Down     []Down
	Findings []Finding // about zones as a whole
	Notes    []string  // what there is
	Away     []string  // which POPs are taken as down or drained
}

// Finding is something that is wrong, in a sentence.
type Finding struct {
	About string `json:"about"`
	Text  string `json:"text"`
}

// Failed are the checks that something else came of.
func (r *Report) Failed() (list []Check) {
	for _, c := range r.Checks {
		if c.failed {
			list = append(list, c)
		}
	}
	return list
}

// Made is how many tests were made.
func (r *Report) Made() (n int) {
	for _, c := range r.Checks {
		if c.many > 0 {
			n += c.many - 1
		}
		n++
	}
	return n
}

// Right says whether all is as it must be.
func (r *Report) Right() bool {
	return len(r.Failed()) == 0 && len(r.Down) == 0 && len(r.Findings) == 0
}

// Runner makes tests at places.
type Runner struct {
	Places []Place
	POPs   POPs
	Done   func(n int) // is told of n tests more that are made; nil: nobody is

	mu     sync.Mutex
	report Report
}

// count is how many tests there are to be made.
func (r *Runner) count(suite *Suite, borders, samples []*Test) (n int) {
	for _, t := range suite.Tests {
		if n++; t.Page == nil {
			n += len(networks) - 1
		}
	}
	return (n+len(samples))*len(r.Places) + len(borders)*len(r.oneOfEach())
}

// run makes all tests of a suite at all places, and adds what comes to the report.
func (r *Runner) run(ctx context.Context, suite *Suite) {
	var questions, pages []*Test
	for _, t := range suite.Tests {
		if t.Page != nil {
			pages = append(pages, t)
		} else {
			questions = append(questions, t)
		}
	}
	var all sync.WaitGroup
	for i := range r.Places {
		for _, network := range networks {
			all.Go(func() { r.questions(ctx, suite.Path, i, network, questions) })
		}
		all.Go(func() { r.pages(ctx, suite.Path, i, pages) })
	}
	all.Wait()
}

// questions puts all questions to a place over one network.
func (r *Runner) questions(ctx context.Context, path string, place int, network string, tests []*Test) {
	made, err := r.put(ctx, place, network, false, tests, func(t *Test, d difference) {
		r.add(t.check(path, d), place, network, dig(t.Question, r.Places[place].Address, network))
	})
	if err != nil && ctx.Err() == nil {
		r.down(place, network, err, len(tests)-made)
	}
}

// put puts questions to a place, and tells of each in what the answer differs. Those that are alone are put over no other network. The
// error is why nobody answers there (any more).
func (r *Runner) put(ctx context.Context, place int, network string, alone bool, tests []*Test, tell func(t *Test, d difference)) (made int, err error) {
	err = newStream(network, r.Places[place].Address).ask(ctx, len(tests), func(i int) Question { return tests[i].Question }, func(i int, reply *dns.Msg, err error) {
		made++
		var d difference
		switch {
		case err != nil:
			d.add("an answer", err.Error())
		case reply.Truncated && alone:
			d.add("an answer", "TC, as if too long for UDP: is there a rate limit?")
		case reply.Truncated && network == "udp":
			// too long: what there is comes over TCP, as resolvers ask then
		default:
			d = tests[i].hold(reply, r.POPs)
		}
		tell(tests[i], d)
	})
	return made, err
}

// check is the test with what came of it.
func (t *Test) check(path string, d difference) Check {
	c := Check{Test: t.String(), File: path, Line: t.Line}
	c.set(d)
	return c
}

func (c *Check) set(d difference) {
	c.failed = len(d.want) > 0
	c.Want, c.Got = joined(d.want), joined(d.got)
}

// add notes a check that was made, and counts it.
func (r *Runner) add(c Check, place int, network, repeat string) {
	r.note(c, place, network, repeat)
	r.tell(1)
}

func (r *Runner) note(c Check, place int, network, repeat string) {
	c.Place, c.place, c.Network = r.Places[place], place, network
	if c.failed {
		c.Repeat = repeat
	}
	r.mu.Lock()
	r.report.Checks = append(r.report.Checks, c)
	r.mu.Unlock()
}

func (r *Runner) tell(n int) {
	if r.Done != nil {
		r.Done(n)
	}
}

// down notes that a place does not answer: once, whatever was to be tested there.
func (r *Runner) down(place int, network string, err error, notMade int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.Places[place]
	for i := range r.report.Down {
		d := &r.report.Down[i]
		if d.Place == p && d.Why == err.Error() {
			if !slices.Contains(d.Networks, network) {
				d.Networks = append(d.Networks, network)
			}
			d.NotMade += notMade
			return
		}
	}
	r.report.Down = append(r.report.Down, Down{p, []string{network}, err.Error(), notMade})
}

// Report is what has come so far.
func (r *Runner) Report() *Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	report := r.report
	report.Places = r.Places
	slices.SortStableFunc(report.Checks, func(a, b Check) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Test, b.Test), cmp.Compare(a.place, b.place), -cmp.Compare(a.Network, b.Network))
	})
	slices.SortStableFunc(report.Down, func(a, b Down) int { return r.index(a.Place) - r.index(b.Place) })
	for i := range report.Down {
		slices.Sort(report.Down[i].Networks)
	}
	return &report
}

func (r *Runner) index(p Place) int { return slices.Index(r.Places, p) }
