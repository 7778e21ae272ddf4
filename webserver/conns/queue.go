package conns

// queue is a ring of links that are parts of entries, so that a request moves its entry without an allocation.
type queue struct{ ends link }

type link struct {
	before, behind *link
	entry          *Entry
}

func (q *queue) init() { q.ends.before, q.ends.behind = &q.ends, &q.ends }

// first is the entry that has waited longest.
func (q *queue) first() (*Entry, bool) {
	entry := q.ends.behind.entry
	return entry, entry != nil
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
