package soak

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

// bigZone takes a moment to load: nobody would overlook a silence as long. With the race detector a tenth takes as long.
func bigZone() string {
	names := 200_000
	if testkit.RaceDetector {
		names /= 10
	}
	var text strings.Builder
	text.WriteString("$ORIGIN big.example.\n$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns.example.net.\n")
	for i := range names {
		fmt.Fprintf(&text, "n%d A 192.0.2.%d\n", i, i%250)
	}
	return "-- big.zone --\n" + text.String()
}

// restartHost has pages over all protocols, for which the processes that follow each other must share their ports.
func restartHost(t *testing.T) *testkit.Host {
	archive := strings.Replace(testkit.Sites, `["example.org.toml"]`, `["example.org.toml", "*.zone"]`, 1)
	archive = strings.Replace(archive, "[dns]\n", "[dns]\nrrl = false\n", 1)
	h := testkit.Build(t, archive+bigZone())
	h.Program = filepath.Join(h.Folder, "bin", "tinycdn")
	if err := os.Mkdir(filepath.Dir(h.Program), 0o755); err != nil {
		t.Fatal(err)
	}
	install(t, h, testkit.Program())
	h.StartWeb(t)
	return h
}

// install puts a program where the host's is started from, as a package does: it is another file then. Another process copies it: a
// file that this one had open for writing could not be run as long as a process is being started.
func install(t *testing.T, h *testkit.Host, from string) {
	t.Helper()
	next := h.Program + ".new"
	if out, err := exec.Command("cp", from, next).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Rename(next, h.Program); err != nil {
		t.Fatal(err)
	}
}

// restart asks as an operator does.
func restart(h *testkit.Host) (string, error) {
	cmd := testkit.Command("restart", "--socket", h.AdminSocket())
	cmd.Dir = h.Folder
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// load asks without end, and counts what is not answered.
type load struct {
	asked, answered atomic.Int64
	failures        chan error
	work            sync.WaitGroup
	ctx             context.Context
}

// mostWaiting answers have room in a socket for sure, while a busy machine gives the test no time to take them.
const mostWaiting = 128

// udp asks so often a second over a socket, and does not wait for an answer before it asks again.
func (l *load) udp(conn net.Conn, query []byte, rate int) {
	asking, waiting := make(chan struct{}), make(chan struct{}, mostWaiting)
	l.work.Go(func() {
		defer close(asking)
		msg := append([]byte(nil), query...)
		begin := time.Now()
		for n := 0; l.ctx.Err() == nil; n++ {
			time.Sleep(time.Until(begin.Add(time.Duration(n) * time.Second / time.Duration(rate))))
			binary.BigEndian.PutUint16(msg, uint16(n))
			select {
			case waiting <- struct{}{}:
			case <-l.ctx.Done():
				return
			}
			if _, err := conn.Write(msg); err != nil {
				l.failures <- err
				return
			}
			l.asked.Add(1)
		}
	})
	l.work.Go(func() {
		buffer := make([]byte, 4096)
		for over := false; ; {
			select {
			case <-asking:
				over = true
			default:
			}
			wait := testkit.Pace
			if over {
				wait = 2 * time.Second // for the last answers
			}
			conn.SetReadDeadline(time.Now().Add(wait))
			if n, err := conn.Read(buffer); err == nil && n > 12 && buffer[3]&15 == 0 {
				l.answered.Add(1)
				<-waiting
			} else if over {
				return
			}
		}
	})
}

// again does something again and again, each time from the beginning.
func (l *load) again(what string, do func() error) {
	l.work.Go(func() {
		for l.ctx.Err() == nil {
			if err := do(); err != nil {
				l.failures <- fmt.Errorf("%s: %w", what, err)
				return
			}
			l.asked.Add(1)
			l.answered.Add(1)
			time.Sleep(testkit.Pace)
		}
	})
}

// TestRestartsLoseNothing restarts the server three times while 5,000 questions a second come over UDP, and others over TCP, and
// visitors by every protocol, each over a connection of its own. All get their answers, of a server that is a new process each time.
func TestRestartsLoseNothing(t *testing.T) {
	t.Parallel()
	h := restartHost(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	l := &load{failures: make(chan error, 100), ctx: ctx}
	var again atomic.Int64
	query := testkit.Query(t, "www.example.org.", dns.TypeA)
	for range 5 {
		l.udp(h.Dial(t, "udp"), query, 1000)
	}
	l.again("DNS over TCP", func() error {
		conn, err := net.Dial("tcp", h.Address)
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = askAddress(&dns.Conn{Conn: conn}, query)
		return err
	})
	for _, protocol := range testkit.Protocols {
		url := map[string]string{"http1.1": "http://example.org/"}[protocol]
		if url == "" {
			url = "https://example.org/"
		}
		l.again(protocol, func() error {
			visitor := testkit.NewVisitor(h.Ports, "127.0.0.1", protocol)
			defer testkit.Leave(visitor)
			response, body, err := testkit.Fetch(visitor, http.MethodGet, url, nil, nil)
			if err != nil && protocol == "http3" { // then browsers come over TCP
				visitor = testkit.NewVisitor(h.Ports, "127.0.0.1", "http2")
				defer testkit.Leave(visitor)
				response, body, err = testkit.Fetch(visitor, http.MethodGet, url, nil, nil)
				again.Add(1)
			}
			if err == nil && (response.StatusCode != http.StatusOK || len(body) == 0) {
				err = fmt.Errorf("got %s", response.Status)
			}
			return err
		})
	}
	files := 0
	defer func() { t.Logf("%d of %d came again over TCP", again.Load(), l.asked.Load()) }()
	for round := range 3 {
		install(t, h, testkit.Program())
		out, err := restart(h)
		if err != nil || !strings.HasPrefix(out, "restarted: ") {
			t.Errorf("restart %d: %v: %s\n%s", round, err, out, h.Log)
			break
		}
		if now := openFiles(t, h); round == 0 {
			files = now
		} else if now > files+50 {
			t.Errorf("after restart %d %d files are open, after the first there were %d", round, now, files)
		}
	}
	stop()
	l.work.Wait()
	close(l.failures)
	for err := range l.failures {
		t.Error(err)
	}
	if asked, answered := l.asked.Load(), l.answered.Load(); asked != answered || asked < 1000 {
		t.Errorf("of %d questions and visits %d were answered\n%s", asked, answered, h.Log)
	}
	allThreads(t, h, "NoNewPrivs:\t1\n")
	wantNothingLeft(t, h, 3)
}

// wantNothingLeft ends a server: no process is left, nor its socket, and it has been restarted so many times.
func wantNothingLeft(t *testing.T, h *testkit.Host, restarts int) {
	t.Helper()
	socket := h.AdminSocket()
	if err := h.Stop(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(socket); err == nil {
		t.Errorf("%s is left", socket)
	}
	if list := processesOf(t, h.Program); len(list) > 0 {
		t.Errorf("processes are left: %v", list)
	}
	if got := strings.Count(h.Log.String(), "msg=restarted"); got != restarts {
		t.Errorf("restarted %d times, want %d\n%s", got, restarts, h.Log)
	}
}

// processesOf are those that run a program.
func processesOf(t *testing.T, program string) (list []string) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	for _, exe := range all {
		if path, err := os.Readlink(exe); err == nil && strings.TrimSuffix(path, " (deleted)") == program {
			list = append(list, exe)
		}
	}
	return list
}
