package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
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

// TestStopDropsNoRequest ends a server whose pages are being read over every protocol, some of them slowly. Whoever was
// let in gets all of what he asked for; whoever comes later is turned away at the door.
func TestStopDropsNoRequest(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, testkit.Sites)
	long := make([]byte, 12<<20) // more than all buffers on the way hold
	rand.NewChaCha8([32]byte{}).Read(long)
	if err := os.WriteFile(filepath.Join(h.Folder, "public", "long.bin"), long, 0o644); err != nil {
		t.Fatal(err)
	}
	h.StartWeb(t)

	var stopping atomic.Bool
	var readers, begun sync.WaitGroup
	ended := make(chan struct{}) // the server has been told to stop
	for _, protocol := range testkit.Protocols {
		url := "https://example.org"
		if protocol == "http1.1" {
			url = "http://example.org"
		}
		begun.Add(1)
		readers.Go(func() {
			slowly := h.Visitor(t, protocol)
			response, err := slowly.Get(url + "/long.bin")
			if err != nil {
				t.Errorf("over %s: %v", protocol, err)
				begun.Done()
				return
			}
			defer response.Body.Close()
			start := make([]byte, 100_000)
			_, err = io.ReadFull(response.Body, start)
			begun.Done()
			<-ended
			rest, readErr := io.ReadAll(response.Body)
			if err = errors.Join(err, readErr); err != nil || !bytes.Equal(append(start, rest...), long) {
				t.Errorf("over %s: a slow reader got %d of %d octets, and %v", protocol, len(start)+len(rest), len(long), err)
			}
		})
		for range 3 {
			readers.Go(func() {
				if err := readOn(h, protocol, url+"/"); !stopping.Load() || !turnedAway(err) {
					t.Errorf("over %s: %v", protocol, err)
				}
			})
		}
	}
	begun.Wait()
	stopping.Store(true)
	done := make(chan error, 1)
	go func() { done <- h.Stop(syscall.SIGTERM) }()
	if _, err := h.AwaitNotice(0, "STOPPING=1"); err != nil {
		t.Error(err)
	}
	close(ended)
	readers.Wait()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// readOn gets a page again and again, until that fails.
func readOn(h *testkit.Host, protocol, url string) error {
	visitor := testkit.NewVisitor(h.Ports, "127.0.0.1", protocol)
	defer testkit.Leave(visitor)
	for ; ; time.Sleep(testkit.Pace) {
		response, body, err := testkit.Fetch(visitor, http.MethodGet, url, nil, nil)
		if err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK || len(body) == 0 {
			return fmt.Errorf("%s with %d octets", response.Status, len(body))
		}
	}
}

// turnedAway says whether a request failed because nobody is at the door any more. Over UDP nobody says so either.
func turnedAway(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// slowVisitor has begun to read a page that is longer than all buffers on the way hold, and reads the rest of it when told.
func slowVisitor(t *testing.T, h *testkit.Host) (finish func() error) {
	t.Helper()
	const size = 30 << 20
	if err := os.WriteFile(filepath.Join(h.Folder, "public", "long.bin"), make([]byte, size), 0o644); err != nil {
		t.Fatal(err)
	}
	h.StartWeb(t)
	response, err := h.Visitor(t, "http1.1").Get("http://example.org/long.bin")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if _, err := io.CopyN(io.Discard, response.Body, 100_000); err != nil {
		t.Fatal(err)
	}
	return func() error {
		n, err := io.Copy(io.Discard, response.Body)
		if n != size-100_000 {
			err = errors.Join(err, fmt.Errorf("%d octets came, of %d", n, size-100_000))
		}
		return err
	}
}

// TestTheNameserverStopsLast: for as long as a visitor keeps the server from ending, DNS is answered.
func TestTheNameserverStopsLast(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, testkit.Sites)
	finish := slowVisitor(t, h)
	done := make(chan error, 1)
	go func() { done <- h.Stop(syscall.SIGTERM) }()
	next, err := h.AwaitNotice(0, "STOPPING=1")
	if err != nil {
		t.Fatal(err)
	}
	for doorsClosed := false; !doorsClosed; { // and still there is somebody inside
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", h.Ports.HTTP))
		if doorsClosed = err != nil; !doorsClosed {
			conn.Close()
			time.Sleep(testkit.Pace)
		}
	}
	for _, network := range []string{"udp", "tcp"} {
		if m := testkit.Exchange(t, h.Dial(t, network), testkit.Query(t, "example.org.", dns.TypeSOA)); m == nil {
			t.Errorf("over %s there is no answer", network)
		}
	}
	if notices, _ := h.Notices.From(next); len(notices) != 1 || !strings.HasPrefix(notices[0], "STATUS=") {
		t.Errorf("beside STOPPING=1 the service manager is told %v", notices)
	}
	if err := errors.Join(finish(), <-done); err != nil {
		t.Error(err)
	}
}

// TestASecondSignalEndsItAtOnce, whoever is still inside.
func TestASecondSignalEndsItAtOnce(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		h := testkit.Build(t, testkit.Sites)
		slowVisitor(t, h)
		h.Cmd.Process.Signal(syscall.SIGTERM)
		if _, err := h.AwaitNotice(0, "STOPPING=1"); err != nil {
			t.Fatal(err)
		}
		if err := h.Stop(signal); err == nil || !strings.Contains(err.Error(), "signal: "+signal.String()) {
			t.Errorf("%v: it ended with %v", signal, err)
		}
	}
}
