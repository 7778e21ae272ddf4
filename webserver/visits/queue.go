package visits

import (
	"sync"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

const (
	// mostWaiting is the number of octets of views that wait to be counted; what comes beyond them is dropped. It is 1,500 views of
	// browsers, which take a millisecond to count.
	mostWaiting = 256 << 10
	// manyWaiting is the number at which they are counted at once.
	manyWaiting = mostWaiting / 4
)

// queue is views that were not counted yet. Nobody who answers waits for who counts.
type queue struct {
	mu      sync.Mutex
	views   []byte
	dropped uint64
	many    chan struct{} // has something in it when they should be counted at once
}

func newQueue() *queue {
	return &queue{views: make([]byte, 0, mostWaiting), many: make(chan struct{}, 1)}
}

// add allocates nothing.
func (u *queue) add(q *page.Request, r *reply.Reply) {
	u.mu.Lock()
	if before := len(u.views); before > mostWaiting-longestView {
		u.dropped++
	} else if u.views = appendView(u.views, q, r); before < manyWaiting && len(u.views) >= manyWaiting {
		select {
		case u.many <- struct{}{}:
		default:
		}
	}
	u.mu.Unlock()
}

// longestView is how many octets one can have.
const longestView = headLength + longestPath + longestPath + longestHost + longestAgent

// take gives what waits, and goes on in spare.
func (u *queue) take(spare []byte) (views []byte, dropped uint64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	views, dropped = u.views, u.dropped
	u.views, u.dropped = spare[:0], 0
	return views, dropped
}
