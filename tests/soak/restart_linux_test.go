package soak

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

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

// TestRestartsLoseNothing restarts the server three times while 5,000 questions a second come over UDP, and others over TCP, and
// visitors by every protocol, each over a connection of its own. All get their answers, of a server that is a new process each time.
func TestRestartsLoseNothing(t *testing.T) {
	t.Parallel()
	h := restartHost(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	l := testkit.NewLoad(ctx)
	var again atomic.Int64
	query := testkit.Query(t, "www.example.org.", dns.TypeA)
	for range 5 {
		l.UDP(h.Dial(t, "udp"), query, 1000)
	}
	l.Again("DNS over TCP", func() error {
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
		l.Again(protocol, func() error {
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
	for i := range 3 { // whom net/http answers
		oneEach := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		l.Again(fmt.Sprint("Connection: close, ", i), func() error {
			response, body, err := testkit.Fetch(oneEach, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/", h.Ports.HTTP), http.Header{"Host": {"example.org"}}, nil)
			if err == nil && (response.StatusCode != http.StatusOK || len(body) == 0) {
				err = fmt.Errorf("got %s", response.Status)
			}
			return err
		})
	}
	files := 0
	defer func() { t.Logf("%d of %d came again over TCP", again.Load(), l.Asked()) }()
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
	l.WantAllAnswered(t, 1000, h.Log)
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
