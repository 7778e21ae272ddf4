package content

import (
	"errors"
	"maps"
	"slices"

	"tinycdn/webserver/content/theme"
	"tinycdn/zones/diag"
)

// validate shows every page with its texts left out, unless just that was shown before. What fails is told, and its entry is
// that of before, or is left out.
func (p *planner) validate(before map[string]*entry) {
	p.dryRun = true
	defer func() { p.dryRun = false }()
	reported := map[diag.Problem]bool{}
	stopped := map[string]error{} // templates that do not end: once is enough
	for _, url := range slices.Sorted(maps.Keys(p.entries)) {
		e := p.entries[url]
		if e == nil || e.view == nil {
			continue
		}
		old := before[url]
		if old != nil && old.sum == e.sum {
			continue
		}
		err := stopped[e.template]
		if err == nil {
			_, err = e.theme.Show(e.template, e.view)
		}
		if err == nil {
			continue
		}
		if endless := theme.Endless(""); errors.As(err, &endless) {
			stopped[e.template] = err
		}
		problem := p.theme.Problem(err)
		if !reported[problem] {
			reported[problem] = true
			p.problems = append(p.problems, problem)
		}
		if old != nil {
			p.entries[url] = old
		} else {
			delete(p.entries, url)
		}
	}
}
