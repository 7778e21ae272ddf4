// Package geodnstest lends tests who reads what a nameserver tells. Only tests import it.
package geodnstest

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	dnstap "github.com/dnstap/golang-dnstap"
)

// Tap is a socket at which messages of dnstap are read, by a reader of another make.
type Tap struct {
	Path     string
	listener net.Listener
}

// ListenTap makes the socket, to which nobody is connected yet.
func ListenTap(t testing.TB) *Tap {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dnstap.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return &Tap{path, listener}
}

// Accept waits for a connection, and gives its messages, still packed, until it ends or patience does.
func (tap *Tap) Accept(t testing.TB, patience time.Duration) <-chan []byte {
	t.Helper()
	conn, err := tap.listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	input, err := dnstap.NewFrameStreamInput(conn, true)
	if err != nil {
		t.Fatal(err)
	}
	messages := make(chan []byte, 1000)
	go func() {
		input.ReadInto(messages)
		close(messages)
	}()
	return messages
}
