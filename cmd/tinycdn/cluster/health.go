package cluster

import (
	"context"
	"sync"
	"time"
)

// urgentTime is how long a POP may take to hear what is urgent. Who is dead does not, and keeps nobody else waiting.
const urgentTime = 2 * time.Second

// Said is what another POP has said last.
type Said struct {
	Name    string
	Heard   time.Time // when its counter rose, by the clock of this machine; zero: it was never heard
	Counter uint64
	Health  []byte // what it sees of the others
	Serving uint64 // the number of its generation
	Report  Report
}

// Said is what each other POP of the roster has said last.
func (m *Member) Said() (list []Said) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, pop := range m.members.POPs {
		if pop.Name == m.name {
			continue
		}
		said := Said{Name: pop.Name}
		if h := m.rows[pop.Name]; h != nil {
			said = Said{h.Name, h.at, h.Counter, h.Health, h.Serving.Number, h.Report}
		}
		list = append(list, said)
	}
	return list
}

// SayHealth puts into the row of this POP what it sees of the others, which is JSON.
func (m *Member) SayHealth(text []byte, urgent bool) {
	m.mu.Lock()
	m.mine.Health = text
	m.mu.Unlock()
	if !urgent {
		return
	}
	select {
	case m.urgent <- struct{}{}:
	default:
	}
}

// sayAtOnce says what is urgent, until ctx ends.
func (m *Member) sayAtOnce(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	for {
		select {
		case <-m.urgent:
			work.Go(func() {
				within, done := context.WithTimeout(ctx, urgentTime)
				defer done()
				m.Ask(within)
			})
		case <-ctx.Done():
			return
		}
	}
}

// Live is the number of the generation that is to be served by all, but for those that try a canary, which is a later one.
func (m *Member) Live() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.agreed.Wanted.ID.Number
}
