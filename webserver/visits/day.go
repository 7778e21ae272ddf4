package visits

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Other is what all are called that are too many to be named.
const Other = "(other)"

// Bounds on what is named in a day, so that whoever makes up pages or referrers fills neither memory nor disk.
const (
	mostPages     = 1000 // of a site
	mostReferrers = 500  // likewise
	mostNamed     = 3000 // of all sites
)

// day is what was counted at a POP in a day.
type day struct {
	Number  uint64           `json:"number"`            // rises with each change
	Dropped uint64           `json:"dropped,omitempty"` // views that were too many to be counted
	Sites   map[string]*site `json:"sites"`
	Queries Queries          `json:"queries,omitzero"`
}

// site is what was counted of a site.
type site struct {
	Views     uint64     `json:"views"`
	Private   uint64     `json:"private,omitempty"` // of them, those of visitors who do not want to be followed
	Visitors  sketch     `json:"visitors,omitzero"`
	Hours     [24]uint64 `json:"hours"`
	Pages     list       `json:"pages"`
	Countries list       `json:"countries,omitempty"`
	Referrers list       `json:"referrers,omitempty"`
}

// list is what views are counted by.
type list map[string]*tally

// tally is how often something was seen, and by how many.
type tally struct {
	Views    uint64 `json:"n"`
	Visitors sketch `json:"v,omitzero"`
}

// visitor is who looks at a page: a hash; not known is nobody's.
type visitor struct {
	hash  uint64
	known bool
}

func (d *day) site(name string) *site {
	if d.Sites == nil {
		d.Sites = map[string]*site{}
	}
	s := d.Sites[name]
	if s == nil {
		s = &site{Pages: list{}, Countries: list{}, Referrers: list{}}
		d.Sites[name] = s
	}
	return s
}

// count counts a view. Of one that is private no more than the page and the hour.
func (d *day) count(v *view, hour int, country string, who visitor) {
	d.Number++
	s := d.site(string(v.site))
	s.Views++
	s.Hours[hour]++
	if who.known {
		if s.Visitors.of == nil {
			s.Visitors = newSketch(wholePrecision)
		}
		s.Visitors.add(who.hash)
	}
	s.Pages.count(v.path, who)
	if v.private {
		s.Private++
	} else {
		s.Countries.count([]byte(cmp.Or(country, "?")), who)
		if len(v.referrer) > 0 {
			s.Referrers.count(plainHost(v.referrer), who)
		}
	}
	s.Pages.bound(mostPages)
	s.Referrers.bound(mostReferrers)
	d.bound()
}

// plainHost is a host in lower case, or "(other)" if it can be none.
func plainHost(host []byte) []byte {
	for i, c := range host {
		switch {
		case c >= 'A' && c <= 'Z':
			host[i] = c | 0x20
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == ':', c == '[', c == ']':
		default:
			return []byte(Other)
		}
	}
	return host
}

func (l list) count(name []byte, who visitor) {
	t := l[string(name)]
	if t == nil {
		t = &tally{}
		l[strings.ToValidUTF8(string(name), "\uFFFD")] = t
	}
	t.Views++
	if who.known {
		if t.Visitors.of == nil {
			t.Visitors = newSketch(partPrecision)
		}
		t.Visitors.add(who.hash)
	}
}

// bound keeps the most seen, once there are a quarter more than so many. Which those are may change during a day: what is seen much comes
// back, with a new count, and loses no more than what it had when it was among the least.
func (l list) bound(most int) {
	if len(l) > most+most/4 {
		l.keep(most)
	}
}

// keep keeps the most seen, so many, and makes one of the rest.
func (l list) keep(most int) {
	names := l.names()
	for _, name := range names[min(most, len(names)):] {
		l.at(Other).merge(l[name])
		delete(l, name)
	}
}

// names are all but that of the rest, the most seen first.
func (l list) names() []string {
	names := slices.Collect(maps.Keys(l))
	names = slices.DeleteFunc(names, func(name string) bool { return name == Other })
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(l[b].Views, l[a].Views), cmp.Compare(a, b))
	})
	return names
}

func (l list) at(name string) *tally {
	if l[name] == nil {
		l[name] = &tally{}
	}
	return l[name]
}

func (t *tally) merge(o *tally) {
	t.Views += o.Views
	t.Visitors.merge(o.Visitors)
}

// bound keeps what is named in all within mostNamed: the longest list is cut to half.
func (d *day) bound() {
	if len(d.Sites) == 1 {
		return // its lists are bounded, and so are countries
	}
	for {
		named, longest := 0, list(nil)
		for _, s := range d.Sites {
			for _, l := range []list{s.Pages, s.Countries, s.Referrers} {
				if named += len(l); len(l) > len(longest) {
					longest = l
				}
			}
		}
		if named <= mostNamed {
			return
		}
		longest.keep(len(longest) / 2)
	}
}

// merge adds what was counted elsewhere, or before. What is merged stays as it was.
func (d *day) merge(o *day) {
	d.Number += o.Number
	d.Dropped += o.Dropped
	d.Queries.merge(o.Queries)
	for name, from := range o.Sites {
		s := d.site(name)
		s.Views += from.Views
		s.Private += from.Private
		s.Visitors.merge(from.Visitors)
		for i := range s.Hours {
			s.Hours[i] += from.Hours[i]
		}
		s.Pages.merge(from.Pages)
		s.Countries.merge(from.Countries)
		s.Referrers.merge(from.Referrers)
	}
}

func (l list) merge(o list) {
	for name, t := range o {
		l.at(name).merge(t)
	}
}
