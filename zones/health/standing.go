package health

import (
	"slices"
	"strings"
	"time"
)

// Standing is how a POP stands with those who send visitors to it.
type Standing struct {
	POP     string
	Out4    bool // nobody is to be sent to its addresses of that family
	Out6    bool
	Doubt   bool // it may be out soon
	Drained bool

	Since time.Time // that it is out
	Why   string    // it is: who saw it, and what they saw
}

// View is what a POP knows at a moment, for those who show it. It never changes.
type View struct {
	Members   []Member
	Heard     map[string]*Votes // its own, and those of the POPs that were heard lately
	State     *State
	Standings []Standing
}

// OutOf are the POPs that nobody is sent to, over some family, and since when.
func OutOf(standings []Standing) map[string]int64 {
	out := map[string]int64{}
	for _, s := range standings {
		if s.Out4 || s.Out6 {
			out[s.POP] = s.Since.Unix()
		}
	}
	return out
}

// Standings are those of the POPs of which there is something to say. Visitors go by the pages. Where there are none to be checked,
// because what serves at these addresses is not known here, they go by DNS: a machine that is gone is gone for both.
func (s *State) Standings(members []Member) (list []Standing) {
	for _, m := range members {
		over4, over6 := Pages4, Pages6
		if !m.Checks[Pages4] && !m.Checks[Pages6] {
			over4, over6 = DNS4, DNS6
		}
		one := Standing{POP: m.Name, Drained: m.Drained}
		for _, check := range []Check{over6, over4} { // of both, IPv4 is told
			t := Target{m.Name, check}
			one.Doubt = one.Doubt || s.doubts[t]
			v := s.verdicts[t]
			if !v.Down {
				continue
			}
			if check == over4 {
				one.Out4 = true
			} else {
				one.Out6 = true
			}
			one.Since, one.Why = v.Since, Told(v.Seen)
		}
		if one.Out4 || one.Out6 || one.Doubt || one.Drained {
			list = append(list, one)
		}
	}
	return list
}

// Told is what witnesses saw, in a line: "fra and syd: TLS handshake timed out".
func Told(seen []Witness) string {
	var whys []string
	by := map[string][]string{}
	for _, w := range seen {
		if !slices.Contains(whys, w.Why) {
			whys = append(whys, w.Why)
		}
		by[w.Why] = append(by[w.Why], w.POP)
	}
	for i, why := range whys {
		if whys[i] = and(by[why]); why != "" {
			whys[i] += ": " + why
		}
	}
	return strings.Join(whys, "; ")
}

// and is a list as it is spoken.
func and(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
