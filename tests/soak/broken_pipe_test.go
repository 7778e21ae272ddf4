package soak

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

// openPiped starts a host whose server writes into a pipe, which connect gives to it. The other end is given back.
func openPiped(t *testing.T, archive string, connect func(*exec.Cmd, *os.File)) (*testkit.Host, *os.File) {
	t.Helper()
	h := testkit.Build(t, archive)
	cmd := testkit.Command("serve")
	cmd.Dir = h.Folder
	reader := launchPiped(t, h, cmd, connect)
	if err := h.Ready(); err != nil {
		t.Fatal(err)
	}
	return h, reader
}

func launchPiped(t *testing.T, h *testkit.Host, cmd *exec.Cmd, connect func(*exec.Cmd, *os.File)) *os.File {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	connect(cmd, writer)
	h.Process, err = testkit.Launch(cmd)
	writer.Close() // the server has its own
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Stop(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	})
	return reader
}

// TestServerOutlivesTheReaderOfItsLog: a logger that was killed costs the lines of log, and nothing else.
func TestServerOutlivesTheReaderOfItsLog(t *testing.T) {
	t.Parallel()
	h, reader := openPiped(t, testkit.OneZone, func(cmd *exec.Cmd, pipe *os.File) { cmd.Stderr = pipe })
	reader.Close()
	wantEditsServed(t, h)
}

// TestServerWaitsForNoReaderOfItsLog: one that lives but does not read keeps no edit from being taken over, and no stop.
func TestServerWaitsForNoReaderOfItsLog(t *testing.T) {
	t.Parallel()
	h, _ := openPiped(t, testkit.OneZone, func(cmd *exec.Cmd, pipe *os.File) {
		pipe.SetWriteDeadline(time.Now().Add(testkit.Pace))
		for full := error(nil); full == nil; {
			_, full = pipe.Write(make([]byte, 1<<16))
		}
		cmd.Stderr = pipe
	})
	wantEditsServed(t, h)
}

// wantEditsServed edits a zone, has it read again, which always logs a line, and asks for what is new.
func wantEditsServed(t *testing.T, h *testkit.Host) {
	t.Helper()
	for i := range 3 {
		address := fmt.Sprintf("192.0.2.%d", i+1)
		if err := h.Replace("example.org.toml", "[records]\n'@' = { NS = 'ns.example.net.' }\nwww = { A = '"+address+"' }\n"); err != nil {
			t.Fatal(err)
		}
		if err := h.Reload(); err != nil {
			t.Fatal(err)
		}
		for _, network := range []string{"udp", "tcp"} {
			m := testkit.Exchange(t, h.Dial(t, network), testkit.Query(t, "www.example.org.", dns.TypeA))
			if len(m.Answer) != 1 || m.Answer[0].(*dns.A).A.String() != address {
				t.Errorf("over %s: got %v, want %s", network, m, address)
			}
		}
	}
}

// TestServerOutlivesTheReaderOfItsAccessLog: the same of the log of visitors, on standard output.
func TestServerOutlivesTheReaderOfItsAccessLog(t *testing.T) {
	t.Parallel()
	const archive = `
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
	h, reader := openPiped(t, archive, func(cmd *exec.Cmd, pipe *os.File) { cmd.Stdout = pipe })
	reader.Close()
	h.WantPage(t)
	_, found := h.Log.Await(0, h.Exited, func(line string) bool { return strings.Contains(line, "the access log cannot be written") })
	if !found {
		t.Fatalf("the server does not say that its access log is lost:\n%s", h.Log)
	}
	h.WantPage(t)
	h.WantServed(t, "127.0.0.1")
}

// TestDemoOutlivesTheReaderOfItsOutput: the demo goes on when nobody reads what it has printed.
func TestDemoOutlivesTheReaderOfItsOutput(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, "")
	reader := launchPiped(t, h, testkit.Command("demo", "--port", fmt.Sprint(h.Ports.DNS), "--web-port", fmt.Sprint(h.Ports.HTTP)),
		func(cmd *exec.Cmd, pipe *os.File) { cmd.Stdout = pipe })
	reader.Close() // before it has printed anything
	visitor := h.Visitor(t, "http1.1")
	for end := time.Now().Add(testkit.Patience); ; time.Sleep(testkit.Pace) {
		response, _, err := testkit.Fetch(visitor, http.MethodGet, "http://example.org/", nil, nil)
		if err == nil && response.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(end) || h.HasExited() {
			t.Fatalf("the demo gives no page: %v\n%s", err, h.Log)
		}
	}
	h.WantServed(t, "127.0.0.1")
}
