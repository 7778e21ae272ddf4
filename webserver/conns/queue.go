package conns

// places are those of entries that compete with each other: of all, or of one client.
type places struct {
	all  queue
	idle queue // those without a request, the idlest first
}

func (p *places) init() {
	p.all.init()
	p.idle.init()
}

// queue is a ring of links that are parts of entries, so that a request moves its entry without an allocation.
type queue struct{ ends link }

type link struct {
	before, behind *link
	entry          *Entry
}

func (q *queue) init() { q.ends.before, q.ends.behind = &q.ends, &q.ends }

// first is the entry that has waited longest; nil: there is none.
func (q *queue) first() *Entry { return q.ends.behind.entry }

// each gives the entries, in the order in which they came.
func (q *queue) each(yield func(*Entry) bool) {
	for l := q.ends.behind; l != &q.ends; l = l.behind {
		if !yield(l.entry) {
			return
		}
	}
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
