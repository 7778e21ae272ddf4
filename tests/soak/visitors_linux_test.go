package soak

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

// dialWeb connects to a port of the page server from a loopback address of the client's own.
func dialWeb(t *testing.T, source string, port int) *net.TCPConn {
	t.Helper()
	conn, err := tryWeb(t, source, port)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// tryWeb does the same where the server may have no place.
func tryWeb(t *testing.T, source string, port int) (*net.TCPConn, error) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}, Timeout: testkit.Patience}
	conn, err := dialer.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn), nil
}

// wantMemory wants that the server never had more of the machine's memory than 64 MB, and so much for each connection. With
// the race detector it has.
func wantMemory(t *testing.T, h *testkit.Host, connections, each int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.Cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	most := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if most == nil {
		t.Fatalf("no VmHWM in\n%s", status)
	}
	kilobytes, err := strconv.Atoi(string(most[1]))
	if err != nil {
		t.Fatal(err)
	}
	if bound := 64<<10 + connections*each>>10; kilobytes > bound && !testkit.RaceDetector {
		t.Errorf("with %d connections the server takes %d kB, and should take %d at most", connections, kilobytes, bound)
	}
	t.Logf("%d connections: %d kB", connections, kilobytes)
}

// wantBoth wants a page and an answer of the nameserver, over UDP and TCP, as if nothing else went on.
func wantBoth(t *testing.T, h *testkit.Host) {
	t.Helper()
	h.WantPage(t)
	udp := h.Dial(t, "udp")
	defer udp.Close()
	if m := testkit.Exchange(t, udp, testkit.Query(t, "www.example.org.", dns.TypeA)); len(m.Answer) != 1 {
		t.Errorf("got %v", m)
	}
	h.WantServed(t, "127.0.0.1")
}

// crowd is as many connections as are wanted, or as the limit on open files allows beside the tests that run meanwhile.
// With the race detector, which makes everything slow, it is a tenth.
func crowd(t *testing.T, wanted int) int {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if testkit.RaceDetector {
		wanted /= 10
	}
	return min(wanted, int(min(limit.Max, 1<<20))*3/4)
}

// TestTenThousandIdleVisitorsCostLittle leaves that many connections open behind a page each, from addresses of their
// own. None is closed, and others are served as before.
func TestTenThousandIdleVisitorsCostLittle(t *testing.T) {
	t.Parallel()
	h := testkit.StartWeb(t, testkit.Sites)
	wantBoth(t, h)
	conns := make([]*net.TCPConn, crowd(t, 9_900)) // the rest of 10,000 places is for those who come meanwhile
	var dialing sync.WaitGroup
	for part := range 4 {
		dialing.Go(func() {
			for i := part; i < len(conns); i += 4 {
				conns[i] = dialWeb(t, fmt.Sprintf("127.8.%d.1", i/200), h.Ports.HTTP) // 250 are an address's share
				if err := testkit.GetHome(conns[i]); err != nil {
					t.Errorf("visitor %d: %v", i, err)
					return
				}
			}
		})
	}
	dialing.Wait()
	if t.Failed() {
		return
	}
	wantBoth(t, h)
	wantMemory(t, h, len(conns), 16<<10)
	for i := 0; i < len(conns); i += 97 {
		if err := testkit.GetHome(conns[i]); err != nil {
			t.Errorf("visitor %d, once more: %v", i, err)
		}
	}
}

// misers take as little as they can, or give as little, or nothing at all.
var misers = []struct {
	name, says string
	slowly     string // what they go on to say, an octet at a time
	secure     bool   // to the port for HTTPS
}{
	{name: "say nothing"},
	{name: "stop in the midst of the header", says: "GET / HTTP/1.1\r\nHost: exam"},
	{name: "write the header slowly", says: "GET / HTTP/1.1\r\nHost: example.org\r\nX-Slow: ", slowly: "x"},
	{name: "do not begin the handshake", secure: true},
	{name: "stop in the midst of the handshake", says: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", slowly: "x", secure: true},
	{name: "write the body slowly", says: "POST /live HTTP/1.1\r\nHost: app.example\r\nContent-Length: 1000000\r\n\r\n", slowly: "x"},
	{name: "write the body slowly to who does not want it", says: "POST / HTTP/1.1\r\nHost: example.org\r\nContent-Length: 100000\r\n\r\n", slowly: "x"},
	{name: "do not read a long file", says: testkit.GetRequest("/long.bin")},
	{name: "do not read a long page", says: testkit.GetRequest("/page.html")},
	{name: "do not read any of many pages", says: strings.Repeat(testkit.GetRequest("/page.html"), 200)},
	{name: "do not read what the application says", says: "GET /long HTTP/1.1\r\nHost: app.example\r\n\r\n"},
}

// TestMisersCostLittle has a hundred of each kind, all at once. The server stays small, and others are served as before.
func TestMisersCostLittle(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, testkit.Sites)
	writeLong(t, h, "public/long.bin", 16<<20)
	writeLong(t, h, "public/page.html", 900_000)
	long := "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n\r\n" + strings.Repeat("the same again;\n", 1<<16)
	if err := os.WriteFile(filepath.Join(h.Folder, "app/long"), []byte(long), 0o644); err != nil {
		t.Fatal(err)
	}
	h.StartWeb(t)
	wantBoth(t, h)
	count := crowd(t, 100)
	all := map[string][]*net.TCPConn{}
	for i, miser := range misers {
		port := h.Ports.HTTP
		if miser.secure {
			port = h.Ports.HTTPS
		}
		for range count {
			conn := dialWeb(t, fmt.Sprintf("127.9.0.%d", 1+i), port)
			conn.SetReadBuffer(4096)
			if _, err := io.WriteString(conn, miser.says); err != nil {
				t.Fatal(err)
			}
			all[miser.name] = append(all[miser.name], conn)
		}
	}
	for range 10 {
		for _, miser := range misers {
			for _, conn := range all[miser.name] {
				io.WriteString(conn, miser.slowly) // once it is cut off, in vain
			}
		}
		wantBoth(t, h)
		time.Sleep(50 * time.Millisecond) // they take their time
	}
	wantMemory(t, h, count*len(misers), 96<<10)
	for _, silent := range misers[1:5] { // their ten seconds for a header or a handshake end
		conn := all[silent.name][0]
		conn.SetReadDeadline(time.Now().Add(testkit.Patience))
		if rest, err := io.ReadAll(conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("those who %s are not cut off; they get %q", silent.name, rest)
		}
	}
}

// TestNameserverGoesOnWithoutAPlaceForVisitors takes all the places that there are for visitors, and with more than that
// all the files that the server may open for them. The nameserver has its own.
func TestNameserverGoesOnWithoutAPlaceForVisitors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, settings string
		files, crowd   int
	}{
		{"the limit on connections", "clients = 50", 0, 60},
		{"the limit on files", "", 200, 300},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := testkit.Build(t, strings.Replace(testkit.Sites, "[web]\n", "[web]\n"+c.settings+"\n", 1))
			writeLong(t, h, "public/page.html", 900_000)
			h.FileLimit = c.files
			h.StartWeb(t)
			wantBoth(t, h)
			for i := range c.crowd { // none of them is idle, so that nobody makes room for the next
				conn, err := tryWeb(t, fmt.Sprintf("127.10.0.%d", 1+i%10), h.Ports.HTTP)
				if errors.Is(err, syscall.ECONNRESET) {
					continue // turned away before it could be used
				}
				if err != nil {
					t.Fatal(err)
				}
				io.WriteString(conn, strings.Repeat(testkit.GetRequest("/page.html"), 20))
			}
			for range 20 {
				udp := h.Dial(t, "udp")
				if m := testkit.Exchange(t, udp, testkit.Query(t, "www.example.org.", dns.TypeA)); len(m.Answer) != 1 {
					t.Errorf("got %v", m)
				}
				h.WantServed(t, "127.0.0.1")
			}
		})
	}
}

// writeLong writes a file that gets no smaller by packing.
func writeLong(t *testing.T, h *testkit.Host, name string, size int) {
	t.Helper()
	text := make([]byte, size)
	rand.NewChaCha8([32]byte{}).Read(text)
	if err := os.WriteFile(filepath.Join(h.Folder, name), text, 0o644); err != nil {
		t.Fatal(err)
	}
}
