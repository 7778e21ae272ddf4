package cluster

import (
	"errors"
	"net/http"
	"slices"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// errResting is that a POP changes nothing for the moment, since another process is about to go on in its place.
var errResting = errors.New("it is being restarted: ask again in a moment")

// Rest has nothing else loaded or served from now on: another process is about to load what is served. If none goes on in place of this
// one, goOn has all be as before.
func (m *Member) Rest() (goOn func()) {
	m.loading.Lock()
	defer m.loading.Unlock()
	m.resting = true
	m.show(m.servingID()) // and not what is only prepared
	return func() {
		m.loading.Lock()
		defer m.loading.Unlock()
		m.resting = false
	}
}

// lockLoading locks loading, unless nothing is to be loaded any more.
func (m *Member) lockLoading() error {
	m.loading.Lock()
	if m.resting {
		m.loading.Unlock()
		return errResting
	}
	return nil
}

// openInStandIn are the doors of a process that stands in for the one that keeps the folder: it says that it is there, and forgets
// what must not be kept any longer. Of itself it says nothing: what the other one has said holds.
var openInStandIn = []string{"/v1/hello", "/v1/rows", "/v1/purged"}

func (m *Member) closed(path string) bool {
	return m.host.StandsIn && !slices.Contains(openInStandIn, path)
}

// serveRestart has the POP restart, and answers once it is certain what comes of that.
func (m *Member) serveRestart(w http.ResponseWriter, r *http.Request) error {
	m.mu.Lock()
	p, _ := m.members.PublisherOf(channel.Caller(r.Context())) // and no POP: one that was taken over has to leave the others alone
	m.mu.Unlock()
	switch {
	case !p.Can(roster.Publish) || len(p.Paths) > 0:
		return errors.New("only who may publish everything has a POP restarted")
	case m.host.Restart == nil:
		return errors.New("this POP is restarted by its service manager alone")
	}
	return m.host.Restart(r.Context())
}
