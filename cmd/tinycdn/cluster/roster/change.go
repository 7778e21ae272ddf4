package roster

import (
	"fmt"
	"slices"
)

// With gives a roster with one more publisher. The version is for the caller to raise.
func (r *Roster) With(p Publisher) (*Roster, error) {
	if err := Valid(p.Name); err != nil {
		return nil, err
	}
	for _, pattern := range p.Paths {
		if err := ValidPattern(pattern); err != nil {
			return nil, err
		}
	}
	_, isPOP := r.POP(p.Name)
	if _, is := r.Publisher(p.Name); is || isPOP {
		return nil, fmt.Errorf("there is a %s in the roster already", p.Name)
	}
	next := *r
	next.Publishers = append(slices.Clone(r.Publishers), p)
	return &next, nil
}

// Publisher finds one by his name.
func (r *Roster) Publisher(name string) (Publisher, bool) {
	return find(r.Publishers, func(p Publisher) bool { return p.Name == name })
}

// WithoutPublisher gives a roster in which nothing counts any more that a publisher signs from that generation on.
func (r *Roster) WithoutPublisher(name string, from uint64) (*Roster, error) {
	p, ok := r.Publisher(name)
	if !ok {
		return nil, fmt.Errorf("there is no publisher %s in the roster", name)
	}
	next := *r
	next.Publishers = slices.DeleteFunc(slices.Clone(r.Publishers), func(other Publisher) bool { return other.Name == name })
	next.Retired = append(slices.Clone(r.Retired), Retired{p.Key, from})
	return &next, nil
}

// WithoutPOP gives a roster without a POP.
func (r *Roster) WithoutPOP(name string) (*Roster, error) {
	if _, ok := r.POP(name); !ok {
		return nil, fmt.Errorf("there is no POP %s in the roster", name)
	}
	next := *r
	next.POPs = slices.DeleteFunc(slices.Clone(r.POPs), func(p POP) bool { return p.Name == name })
	return &next, nil
}
