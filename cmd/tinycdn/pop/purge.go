package pop

import (
	"context"
	"fmt"
	"net/url"
)

// purgeAllHere forgets everything of every application at this POP.
func (m *member) purgeAllHere() {
	if p := m.pop.Load(); p != nil {
		p.web.PurgeAll()
	}
}

// purgeHere forgets a URL at this POP.
func (m *member) purgeHere(text string) (forgotten int, err error) {
	p := m.pop.Load()
	if p == nil {
		return 0, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return 0, fmt.Errorf("%q is no URL", text)
	}
	forgotten, served := p.web.Purge(u)
	if !served {
		return 0, fmt.Errorf("there is no site with the host %s", u.Hostname())
	}
	return forgotten, nil
}

// purgeElsewhere has the other POPs forget what was forgotten here.
func (m *member) purgeElsewhere(url string, here int) (text string, whole bool) {
	purged, err := m.Purge(context.Background(), url, here)
	if err != nil {
		return fmt.Sprintf("%s %d forgotten; the others were not told: %v", m.Name(), here, err), false
	}
	return purged.String(), len(purged.Silent) == 0
}
