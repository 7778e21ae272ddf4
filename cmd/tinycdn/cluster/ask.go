package cluster

import (
	"context"
	"errors"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// hangUps are how often a POP that is restarted may hang up, on what was open and on what was just being opened, before another process
// is there in its place.
const hangUps = 2

// Ask speaks with each other POP once.
func (m *Member) Ask(ctx context.Context) {
	var work sync.WaitGroup
	for _, pop := range m.others() {
		work.Go(func() {
			var way roundTrip
			err := m.exchange(way.watch(ctx), pop)
			for range hangUps {
				if refused := (*channel.Refused)(nil); err == nil || ctx.Err() != nil || errors.As(err, &refused) {
					break
				}
				err = m.exchange(way.watch(ctx), pop)
			}
			m.mu.Lock()
			defer m.mu.Unlock()
			link := m.mine.Hears[pop.Name]
			if link.Error = ""; err != nil {
				link.Error = short(channel.Line(err.Error()), maxError)
			} else {
				link.Heard, link.RTT = time.Now(), way.took()
			}
			hears := map[string]Link{pop.Name: link} // what was given away stays as it was
			for name, other := range m.mine.Hears {
				if name != pop.Name {
					hears[name] = other
				}
			}
			m.mine.Hears = hears
		})
	}
	work.Wait()
}

// others are the other POPs of the roster.
func (m *Member) others() (list []roster.POP) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, pop := range m.members.POPs {
		if pop.Name != m.name {
			list = append(list, pop)
		}
	}
	return list
}

func (m *Member) exchange(ctx context.Context, pop roster.POP) error {
	var said rows
	if err := m.client(pop).Call(ctx, "/v1/rows", m.say(0), &said); err != nil {
		return err
	}
	if len(said.Rows) == 0 {
		return nil // another process stands in there, and says nothing of the POP
	}
	m.hear(pop.Name, said)
	return m.makeUp(ctx, pop)
}

// roundTrip is the time from the end of a question to the beginning of its answer, whether it took a handshake before or not.
type roundTrip struct{ asked, answered atomic.Int64 } // since 1970, in nanoseconds

// watch has the first question that is asked with a context be the one.
func (t *roundTrip) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.asked.CompareAndSwap(0, time.Now().UnixNano()) },
		GotFirstResponseByte: func() { t.answered.CompareAndSwap(0, time.Now().UnixNano()) },
	})
}

func (t *roundTrip) took() time.Duration {
	return max(0, time.Duration(t.answered.Load()-t.asked.Load()))
}
