package tests

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/rogpeppe/go-internal/txtar"
)

// house is a server with its files, for tests that ask what dig cannot.
type house struct {
	*server
	folder  string
	ports   ports
	port    int          // of the nameserver
	address string       // of the nameserver, for clients
	files   int          // that the server may have open; 0: as many as the test
	app     http.Handler // the application behind it; nil: the files of the folder app
}

// build lays out the files of an archive, in which $PORT, $HTTP, $HTTPS and $APP are ports of the house's own, and
// starts nothing.
func build(t *testing.T, archive string) *house {
	t.Helper()
	ports, err := freePorts()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{folder: t.TempDir(), ports: ports, port: ports.dns, address: fmt.Sprintf("127.0.0.1:%d", ports.dns)}
	for _, file := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(h.folder, file.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := ports.writeInto(h.folder); err != nil {
		t.Fatal(err)
	}
	return h
}

// open builds a house and starts its server, which must stop willingly at the end.
func open(t *testing.T, archive string) *house {
	t.Helper()
	h := build(t, archive)
	h.start(t)
	return h
}

func (h *house) start(t *testing.T) {
	t.Helper()
	h.launch(t)
	if err := h.ready(); err != nil {
		t.Fatal(err)
	}
}

// launch starts the server and does not wait for it.
func (h *house) launch(t *testing.T) {
	t.Helper()
	cmd := tinycdn("serve")
	if h.files > 0 {
		limited := append([]string{"-c", fmt.Sprintf(`ulimit -n %d && exec "$0" "$@"`, h.files)}, cmd.Args...)
		cmd = exec.Command("sh", limited...)
	}
	cmd.Dir = h.folder
	s, err := launch(cmd)
	if err != nil {
		t.Fatal(err)
	}
	h.server = s
	t.Cleanup(func() {
		if s.stopped {
			return
		}
		if err := s.stop(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	})
}

// dial connects to the server.
func (h *house) dial(t *testing.T, network string) net.Conn {
	t.Helper()
	conn, err := net.Dial(network, h.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// query packs a question.
func query(t *testing.T, name string, typ uint16, change ...func(*dns.Msg)) []byte {
	t.Helper()
	m := new(dns.Msg)
	m.SetQuestion(name, typ)
	for _, f := range change {
		f(m)
	}
	packed, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

// send sends a message, over TCP with its length.
func send(t *testing.T, conn net.Conn, msg []byte) {
	t.Helper()
	if isTCP(conn) {
		msg = append([]byte{byte(len(msg) >> 8), byte(len(msg))}, msg...)
	}
	if _, err := conn.Write(msg); err != nil {
		t.Fatal(err)
	}
}

// receive takes the next message.
func receive(t *testing.T, conn net.Conn) []byte {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(patience))
	buf := make([]byte, 65535)
	if !isTCP(conn) {
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return buf[:n]
	}
	if _, err := io.ReadFull(conn, buf[:2]); err != nil {
		t.Fatal(err)
	}
	reply := buf[2 : 2+int(buf[0])<<8+int(buf[1])]
	if _, err := io.ReadFull(conn, reply); err != nil {
		t.Fatal(err)
	}
	return reply
}

func isTCP(conn net.Conn) bool { return conn.LocalAddr().Network() == "tcp" }

// exchange sends a message and takes the answer to it.
func exchange(t *testing.T, conn net.Conn, msg []byte) *dns.Msg {
	t.Helper()
	send(t, conn, msg)
	return unpack(t, receive(t, conn))
}

func unpack(t *testing.T, reply []byte) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	if err := m.Unpack(reply); err != nil {
		t.Fatalf("%v: % x", err, reply)
	}
	return m
}
