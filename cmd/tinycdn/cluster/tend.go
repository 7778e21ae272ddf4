package cluster

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/store"
)

const (
	// verifyPause is how long a POP lets its disk be, once it has read all that it keeps.
	verifyPause = 24 * time.Hour

	// verifyRate in octets a second costs nobody anything.
	verifyRate = 1 << 20
)

// Keep says how much is kept, from the next generation on: so many generations, in so many octets, and files that are served on for so
// long.
func (m *Member) Keep(generations int, disk int64, assets time.Duration) {
	m.limits.Store(&store.Limits{Keep: generations, Disk: disk, Assets: assets})
}

// tidyUp has what is kept no longer taken away.
func (m *Member) tidyUp() {
	select {
	case m.tidy <- struct{}{}:
	default:
	}
}

// tend keeps the store in order until ctx ends: garbage goes after each switch, and once a day all is looked at.
func (m *Member) tend(ctx context.Context) {
	verify := time.NewTimer(verifyPause)
	defer verify.Stop()
	m.measure()
	for {
		select {
		case <-m.tidy:
			m.collect(0)
			debug.FreeOSMemory() // what it took to load what is served now
		case <-verify.C:
			m.collect(0)
			m.verify(ctx)
			verify.Reset(verifyPause)
		case <-ctx.Done():
			return
		}
	}
}

// collect makes room for need octets more, if it can.
func (m *Member) collect(need int64) {
	m.mu.Lock()
	named := []manifest.ID{m.agreed.Serving.ID, m.agreed.Wanted.ID, m.agreed.Promise.ID, m.agreed.Trying, m.agreed.Canary.ID}
	m.mu.Unlock()
	if err := m.store.Collect(time.Now(), *m.limits.Load(), need, named...); err != nil {
		m.log.Warn("generations that are kept no longer cannot be taken away", "error", err)
	}
	m.measure()
}

// measure looks how much there is of all generations, which nobody asks the disk for at each row.
func (m *Member) measure() {
	used := m.store.Used()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mine.Used = used
}

// room is how many octets more there may be, once what can go for them has gone.
func (m *Member) room(missing []store.Part) int64 {
	var need int64
	for _, part := range missing {
		need += part.Size - part.Have
	}
	need += need / 20 // for folders, and what a file system takes for itself
	if free := m.store.Room(*m.limits.Load()); free >= need {
		return free
	}
	m.collect(need)
	return m.store.Room(*m.limits.Load())
}

// verify looks for what the disk has forgotten.
func (m *Member) verify(ctx context.Context) {
	pace := func(n int) {
		select {
		case <-time.After(time.Duration(n) * time.Second / verifyRate):
		case <-ctx.Done():
		}
	}
	err := m.store.Verify(ctx, pace, func(p store.Part) error { return m.getAnew(ctx, p) })
	if err != nil && ctx.Err() == nil {
		m.log.Error("what is damaged on the disk could not be mended", "error", err, "effect", "it is tried again tomorrow, and with the next generation")
	}
}

// getAnew gets a content from any other POP.
func (m *Member) getAnew(ctx context.Context, p store.Part) error {
	err := errors.New("there is no other POP")
	for _, pop := range m.others() {
		client := m.client(pop)
		stream, refused := client.Stream(ctx, "/v1/give", encode([]store.Part{p}))
		if err = refused; err == nil {
			err = takeContents(m.store, stream)
			stream.Close()
		}
		if err == nil && m.store.Has(p.Hash) {
			return nil
		}
	}
	return err
}

func (m *Member) tellOfDamage(h manifest.Hash) {
	m.log.Error("a file is damaged on the disk", "content", h.String(), "effect", "it is taken anew, from another POP or with the next generation")
}
