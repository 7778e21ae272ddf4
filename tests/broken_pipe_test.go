package tests

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// openPiped opens a house whose server writes into a pipe, which connect gives to it. The other end is given back.
func openPiped(t *testing.T, archive string, connect func(*exec.Cmd, *os.File)) (*house, *os.File) {
	t.Helper()
	h := build(t, archive)
	cmd := tinycdn("serve")
	cmd.Dir = h.folder
	reader := h.launchPiped(t, cmd, connect)
	if err := h.ready(); err != nil {
		t.Fatal(err)
	}
	return h, reader
}

func (h *house) launchPiped(t *testing.T, cmd *exec.Cmd, connect func(*exec.Cmd, *os.File)) *os.File {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	connect(cmd, writer)
	h.server, err = launch(cmd)
	writer.Close() // the server has its own
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.stop(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	})
	return reader
}

// TestServerOutlivesTheReaderOfItsLog: a logger that was killed costs the lines of log, and nothing else.
func TestServerOutlivesTheReaderOfItsLog(t *testing.T) {
	t.Parallel()
	h, reader := openPiped(t, oneZone, func(cmd *exec.Cmd, pipe *os.File) { cmd.Stderr = pipe })
	reader.Close()
	for i := range 3 {
		address := fmt.Sprintf("192.0.2.%d", i+1)
		if err := h.replace("example.org.toml", "[records]\n'@' = { NS = 'ns.example.net.' }\nwww = { A = '"+address+"' }\n"); err != nil {
			t.Fatal(err)
		}
		if err := h.reload(); err != nil { // which always logs a line
			t.Fatal(err)
		}
		for _, network := range []string{"udp", "tcp"} {
			m := exchange(t, h.dial(t, network), query(t, "www.example.org.", dns.TypeA))
			if len(m.Answer) != 1 || m.Answer[0].(*dns.A).A.String() != address {
				t.Errorf("over %s: got %v, want %s", network, m, address)
			}
		}
	}
}

// TestServerOutlivesTheReaderOfItsAccessLog: the same of the log of visitors, on standard output.
func TestServerOutlivesTheReaderOfItsAccessLog(t *testing.T) {
	t.Parallel()
	const house = `
-- tinycdn.toml --
zones = ["example.org.toml"]
pop   = "nyc"
dns.listen = "127.0.0.1:$PORT"
[web]
listen     = "127.0.0.1:$HTTP"
access_log = { file = "-" }
[pops]
nyc = { addresses = "192.0.2.1", location = [40.71, -74.01] }
[sites."example.org"]
root = "public"
-- public/index.html --
<!doctype html><title>home</title>
-- example.org.toml --
[records]
'@' = { NS = 'ns.example.net.' }
www = { A = '192.0.2.80' }
`
	h, reader := openPiped(t, house, func(cmd *exec.Cmd, pipe *os.File) { cmd.Stdout = pipe })
	reader.Close()
	told := 0
	for range 2 {
		h.wantPage(t)
		next, found := h.log.await(told, h.exited, func(line string) bool { return strings.Contains(line, "the access log cannot be written") })
		if !found {
			t.Fatalf("the server does not say that its access log is lost:\n%s", h.log)
		}
		told = next
		h.wantPage(t)
		h.wantServed(t, "127.0.0.1")
	}
}

// TestDemoOutlivesTheReaderOfItsOutput: the demo goes on when nobody reads what it has printed.
func TestDemoOutlivesTheReaderOfItsOutput(t *testing.T) {
	t.Parallel()
	h := build(t, "")
	reader := h.launchPiped(t, tinycdn("demo", "--port", fmt.Sprint(h.port), "--web-port", fmt.Sprint(h.ports.http)),
		func(cmd *exec.Cmd, pipe *os.File) { cmd.Stdout = pipe })
	reader.Close() // before it has printed anything
	visitor := h.visitor(t, "http1.1")
	for end := time.Now().Add(patience); ; time.Sleep(pace) {
		response, _, err := fetch(visitor, http.MethodGet, "http://example.org/", nil, nil)
		if err == nil && response.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(end) || h.hasExited() {
			t.Fatalf("the demo gives no page: %v\n%s", err, h.log)
		}
	}
	h.wantServed(t, "127.0.0.1")
}

func (s *server) hasExited() bool {
	select {
	case <-s.exited:
		return true
	default:
		return false
	}
}
