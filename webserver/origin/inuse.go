package origin

import (
	"sync"

	"tinycdn/webserver/page"
)

// inUse counts the memory of pages that visitors are still taking. A page that is large and read slowly lives on when
// the cache has long given it up for another.
type inUse struct {
	mu    sync.Mutex
	pages map[*page.Page]int // how many visitors take each
	left  int64              // bytes that may still be lent
}

// smallPage is the size in bytes up to which pages are not counted: that of a buffer.
const smallPage = 16 << 10

// acquire notes that a visitor takes a page, until release is called. It says whether there is room for that.
func (u *inUse) acquire(p *page.Page) (release func(), ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.pages[p] == 0 {
		if u.left < p.Bytes() {
			return nil, false
		}
		u.left -= p.Bytes()
	}
	if u.pages == nil {
		u.pages = map[*page.Page]int{}
	}
	u.pages[p]++
	return sync.OnceFunc(func() { u.release(p) }), true
}

func (u *inUse) release(p *page.Page) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.pages[p]--; u.pages[p] == 0 {
		delete(u.pages, p)
		u.left += p.Bytes()
	}
}
