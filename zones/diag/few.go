package diag

import "strings"

// most is how many mistakes of one kind are told. Who makes one ten thousand times knows after a few what to mend.
const most = 20

// Few keeps the first things of each kind, and counts the others. The zero value is empty.
type Few[T any] struct {
	list  []T
	kinds map[string]*kind
}

type kind struct {
	kept, more int
	last       int // of those that are kept, in list
}

// Add adds a thing that stands for more like it, too.
func (f *Few[T]) Add(of string, thing T, more int) {
	k := f.kinds[of]
	if k == nil {
		if f.kinds == nil {
			f.kinds = map[string]*kind{}
		}
		k = &kind{}
		f.kinds[of] = k
	}
	k.more += more
	if k.kept == most {
		k.more++
		return
	}
	k.kept++
	k.last = len(f.list)
	f.list = append(f.list, thing)
}

// Len is how many are kept.
func (f *Few[T]) Len() int { return len(f.list) }

// All gives those that are kept, in the order in which they were added; set is told of the last of each kind how many more
// there are.
func (f *Few[T]) All(set func(thing *T, more int)) []T {
	for _, k := range f.kinds {
		set(&f.list[k.last], k.more)
	}
	return f.list
}

// FewProblems keeps the first problems of each kind.
type FewProblems struct{ few Few[Problem] }

// Add adds a problem.
func (f *FewProblems) Add(p Problem) {
	more := p.More
	p.More = 0
	f.few.Add(KindOf(p.Text), p, more)
}

// Len is how many are kept.
func (f *FewProblems) Len() int { return f.few.Len() }

// All gives those that are kept.
func (f *FewProblems) All() []Problem { return f.few.All(func(p *Problem, more int) { p.More = more }) }

// KindOf is what a sentence says without the names and numbers in it: that of a mistake which was made at many places. It
// begins with a name mostly.
func KindOf(text string) string {
	kind := make([]byte, 0, len(text))
	for first := true; text != ""; first = false {
		n, named := word(text)
		if kind = append(kind, ' '); first || named {
			kind = append(kind, '_')
		} else {
			kind = append(kind, text[:n]...)
		}
		text = strings.TrimLeft(text[n:], " ")
	}
	return string(kind)
}

// word measures the word that text begins with, quotes and what stands in them included, and says whether that is a name or
// has a number in it.
func word(text string) (n int, named bool) {
	for ; n < len(text) && text[n] != ' '; n++ {
		switch c := text[n]; {
		case c == '"':
			named = true
			for n++; n < len(text) && text[n] != '"'; n++ {
				if text[n] == '\\' {
					n++
				}
			}
		case '0' <= c && c <= '9' || strings.IndexByte(`./@*_\=`, c) >= 0:
			named = true
		}
	}
	return min(n, len(text)), named
}
