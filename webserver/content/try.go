package content

import (
	"slices"
	"tinycdn/zones/diag"
)

// try shows every page with its texts left out, unless just that was tried before. What fails is told, and its entry is
// that of before, or is left out.
func (p *planner) try(before map[string]*entry) {
	p.trial = true
	defer func() { p.trial = false }()
	told := map[diag.Problem]bool{}
	for _, url := range sortedKeys(p.entries) {
		e := p.entries[url]
		if e == nil || e.view == nil {
			continue
		}
		old := before[url]
		if old != nil && old.made.sum == e.made.sum {
			continue
		}
		_, err := e.theme.show(e.template, e.view)
		if err == nil {
			continue
		}
		problem := p.theme.problem(err)
		if p.theme.sets[e.template] == nil && e.source != nil {
			problem = diag.Problem{File: e.source.path, Line: e.source.Line("template"), Text: err.Error()}
		}
		if !told[problem] {
			told[problem] = true
			p.problems = append(p.problems, problem)
		}
		if old != nil {
			p.entries[url] = old
		} else {
			delete(p.entries, url)
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
