package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/google/renameio/v2"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// TakeRoster makes a signed roster the one that counts.
func (m *Member) TakeRoster(text []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if bytes.Equal(text, m.text) {
		return nil // another POP was quicker than its owner
	}
	next, err := m.members.Accept(text)
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(m.path("roster"), text, 0o640); err != nil {
		return err
	}
	m.members, m.text = next, text
	clear(m.forgotten) // by what somebody may do now
	m.knowAddresses()
	for key, client := range m.clients { // a POP may have moved
		client.Close()
		delete(m.clients, key)
	}
	maps.DeleteFunc(m.rows, func(name string, h *heard) bool { // those of a POP that is gone, or has another key
		_, err := openRow(h.text, next)
		return err != nil
	})
	m.drains.Forget(func(name string) bool { _, ok := next.POP(name); return ok })
	if err := m.unlearn(next); err != nil {
		return err
	}
	m.log.Info("another roster holds", "version", next.Version)
	m.wakeUp() // to speak with who is new
	return nil
}

// round speaks with each other POP once, and gets what is wanted and not here.
func (m *Member) round(ctx context.Context) {
	asking, done := context.WithTimeout(ctx, roundTime)
	m.Ask(asking)
	done()
	m.CatchUp(ctx)
}

// client asks another POP, over connections that stay: a purge cannot wait for a handshake.
func (m *Member) client(pop roster.POP) *channel.Client {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.clients[pop.Key]
	if c == nil {
		c = channel.NewClient(m.key, pop)
		m.clients[pop.Key] = c
	}
	return c
}

// CatchUp gets what is wanted from whoever has it, and serves it.
func (m *Member) CatchUp(ctx context.Context) {
	m.mu.Lock()
	id, by, behind := m.agreed.Target(), m.agreed.Wanted.Key, m.agreed.Behind()
	if id == m.agreed.Canary.ID {
		by = m.agreed.Canary.Key
	}
	m.mu.Unlock()
	if !behind {
		return
	}
	err := m.getWanted(ctx, id, by)
	if not := (forbidden{}); errors.As(err, &not) {
		m.forget(id, err)
		return
	}
	if err == nil {
		if m.lockLoading() != nil {
			return // whoever goes on in place of this process sees to it
		}
		err = m.serveWanted()
		m.loading.Unlock()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	trouble := m.mine.Trouble
	if m.mine.Trouble = ""; err != nil {
		m.mine.Trouble = short(fmt.Sprintf("generation %d: %v", id.Number, err), maxTrouble)
	}
	if m.mine.Trouble != trouble && err != nil { // it is tried again every few seconds
		m.log.Error("a generation cannot be served", "generation", id.Number, "error", err, "effect", "the one before goes on being served; it is tried again")
	}
}

// getWanted gets all of a generation, of which somebody has said that it is to be served, from whoever has it, if it may be.
func (m *Member) getWanted(ctx context.Context, id manifest.ID, by roster.Key) error {
	list, err := m.manifest(ctx, id)
	if err == nil {
		err = m.mayServe(ctx, by, list)
	}
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.proven = id
	m.mu.Unlock()
	if _, err = m.store.Manifest(id); err == nil && len(m.store.Missing(&list.Manifest)) == 0 {
		return nil
	}
	err = errors.New("no POP has it")
	for _, pop := range m.others() {
		if err = m.fetch(ctx, pop.Name, id); err == nil {
			break
		}
	}
	return err
}

// fetch gets all of a generation from another POP, while it arrives there.
func (m *Member) fetch(ctx context.Context, from string, id manifest.ID) error {
	m.mu.Lock()
	pop, ok := m.members.POP(from)
	m.mu.Unlock()
	if !ok {
		return fmt.Errorf("%s is not in the roster", from)
	}
	client := m.client(pop)
	list, err := m.store.Manifest(id)
	if err != nil {
		if list, err = m.manifestFrom(ctx, pop, id); err != nil {
			return err
		}
		if err := m.store.KeepManifest(list); err != nil {
			return err
		}
	}
	missing := m.store.Missing(&list.Manifest)
	if len(missing) == 0 {
		return nil
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	stream, err := client.Stream(ctx, "/v1/give", encode(missing))
	if err != nil {
		return err
	}
	defer stream.Close()
	stall := time.AfterFunc(stallTime, func() { stop(fmt.Errorf("%s sent nothing for %v", from, stallTime)) })
	defer stall.Stop()
	err = takeContents(m.store, &watched{Reader: stream, stall: stall, tell: func(int) {}})
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

// read gives the whole of a short stream.
func read(stream io.ReadCloser, err error) (io.Reader, error) {
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	return buffered(stream)
}
