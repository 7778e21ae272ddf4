package gate

// queue is a ring of links that are parts of guests, so that a request moves its guest without an allocation.
type queue struct{ ends link }

type link struct {
	before, behind *link
	guest          *Guest
}

func (q *queue) init() { q.ends.before, q.ends.behind = &q.ends, &q.ends }

// first is the guest that has waited longest.
func (q *queue) first() (*Guest, bool) {
	guest := q.ends.behind.guest
	return guest, guest != nil
}

// push puts l at the end.
func (q *queue) push(l *link) {
	l.before, l.behind = q.ends.before, &q.ends
	l.before.behind, q.ends.before = l, l
}

// cut takes l out of the queue that it is in.
func (l *link) cut() {
	l.before.behind, l.behind.before = l.behind, l.before
	l.before, l.behind = nil, nil
}
