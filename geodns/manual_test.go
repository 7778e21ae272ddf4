package geodns

import (
	"log/slog"
	"testing"
)

// manual is a Server whose connections a test serves itself, read by read, so that it may look at each of them.
type manual struct {
	*Server
	t       *testing.T
	streams []*stream
	clients []*client
}

func newManual(t *testing.T, config Config) *manual {
	t.Helper()
	s, err := Listen(patient(config), newEcho, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	m := &manual{Server: s, t: t}
	t.Cleanup(func() {
		for _, stream := range m.streams {
			stream.close()
		}
		s.Close()
		if left := s.budget.used.Load(); left != 0 {
			t.Errorf("%d octets are counted when nobody is left", left)
		}
	})
	return m
}

// connect admits one more client.
func (m *manual) connect() (*client, *stream) {
	m.t.Helper()
	client := dial(m.t, m.Addrs()[0].String())
	conn, err := m.listeners[0].tcp.AcceptTCP()
	if err != nil {
		m.t.Fatal(err)
	}
	stream, err := newStream(m.Server, conn)
	if err != nil {
		m.t.Fatal(err)
	}
	m.clients, m.streams = append(m.clients, client), append(m.streams, stream)
	return client, stream
}

// read waits until the client has sent something, reads once and answers.
func (m *manual) read(s *stream) {
	m.t.Helper()
	if err := s.raw.Read(s.onReadable); err != nil {
		m.t.Fatal(err)
	}
}

// readUntil reads until so many octets are not answered, or the stream has finished.
func (m *manual) readUntil(s *stream, unanswered int) {
	m.t.Helper()
	for len(s.unanswered) != unanswered && !s.finished {
		m.read(s)
	}
}
