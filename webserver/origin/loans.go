package origin

import (
	"sync"

	"tinycdn/webserver/page"
)

// loans counts the memory of pages that visitors are still taking. A page that is large and read slowly lives on when
// the cache has long given it up for another.
type loans struct {
	mu    sync.Mutex
	pages map[*page.Page]int // how many visitors take each
	left  int64              // bytes that may still be lent
}

// smallLoan is the size in bytes up to which pages are not counted: that of a buffer.
const smallLoan = 16 << 10

// lend notes that a visitor takes a page, until giveBack is called. It says whether there is room for that.
func (l *loans) lend(p *page.Page) (giveBack func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pages[p] == 0 {
		if l.left < p.Bytes() {
			return nil, false
		}
		l.left -= p.Bytes()
	}
	if l.pages == nil {
		l.pages = map[*page.Page]int{}
	}
	l.pages[p]++
	return sync.OnceFunc(func() { l.giveBack(p) }), true
}

func (l *loans) giveBack(p *page.Page) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pages[p]--; l.pages[p] == 0 {
		delete(l.pages, p)
		l.left += p.Bytes()
	}
}
