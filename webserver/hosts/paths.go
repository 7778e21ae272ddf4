package hosts

import (
	"fmt"
	"slices"
	"strings"
)

// Paths are values by path: of "/feed.xml" just that path, of "/static/*" all below /static/. The zero value has none.
type Paths[T any] struct {
	exact map[string]T
	below []below[T] // from the longest to the shortest
}

type below[T any] struct {
	start string // with the slash at its end
	value T
}

// Add adds the value of a pattern, which may be escaped: "/caf%C3%A9/*". A pattern that is there already keeps its own.
func (p *Paths[T]) Add(pattern string, value T) {
	start, all := strings.CutSuffix(pattern, "*")
	switch path := Unescaped(start); {
	case !all:
		if p.exact == nil {
			p.exact = map[string]T{}
		}
		if _, there := p.exact[path]; !there {
			p.exact[path] = value
		}
	case !slices.ContainsFunc(p.below, func(b below[T]) bool { return b.start == path }):
		p.below = append(p.below, below[T]{path, value})
		slices.SortStableFunc(p.below, func(a, b below[T]) int { return len(b.start) - len(a.start) })
	}
}

// Find gives the value for a path, without its escapes: an exact one, else that of the longest pattern that fits.
func (p *Paths[T]) Find(path string) (value T, ok bool) {
	if value, ok := p.exact[path]; ok {
		return value, true
	}
	for i := range p.below {
		if strings.HasPrefix(path, p.below[i].start) {
			return p.below[i].value, true
		}
	}
	return value, false
}

// Any says whether there is a value for any path.
func (p *Paths[T]) Any() bool { return len(p.exact)+len(p.below) > 0 }

// Folder is the path that what fits a pattern lies below, without its escapes and without the slash at its end: "/static" of
// "/static/*" and of "/static/app.css", "" of "/*" and of "/feed.xml".
func Folder(pattern string) string {
	path := Unescaped(strings.TrimSuffix(pattern, "*"))
	return path[:max(strings.LastIndexByte(path, '/'), 0)]
}

// SamePattern says whether two patterns fit the same paths.
func SamePattern(a, b string) bool {
	return strings.HasSuffix(a, "*") == strings.HasSuffix(b, "*") && Unescaped(strings.TrimSuffix(a, "*")) == Unescaped(strings.TrimSuffix(b, "*"))
}

// NoPattern says why a text is no pattern of paths; "": it is one.
func NoPattern(text string) string {
	path, all := strings.CutSuffix(text, "*")
	plain := Unescaped(path)
	switch {
	case !strings.HasPrefix(text, "/"):
		return `want a path, "/feed.xml", or all below one, "/static/*"`
	case strings.Contains(path, "*"), all && !strings.HasSuffix(path, "/"):
		start, _, _ := strings.Cut(text, "*")
		return fmt.Sprintf("a * stands for all below a path: %q", strings.TrimRight(start, "/")+"/*")
	case BadPath(plain), HidesSeparator(plain, path), strings.Contains(plain, "//"):
		return "it has a dot segment, a control character, an encoded slash or two slashes in a row in it"
	}
	return Unmatchable(path)
}
