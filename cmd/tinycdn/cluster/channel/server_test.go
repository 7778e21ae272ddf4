package channel

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// listening is a server on loopback that knows one key.
type listening struct {
	roster.POP
	own, friend roster.PrivateKey
	asked       atomic.Int64
}

func answering(t *testing.T, handler http.HandlerFunc) *listening {
	t.Helper()
	l := &listening{own: roster.NewKey(), friend: roster.NewKey()}
	server, err := NewServer(l.own, func(k roster.Key) bool { return k == l.friend.Public() }, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.asked.Add(1)
		handler(w, r)
	}))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.POP = roster.POP{Name: "fra", Key: l.own.Public(), Addresses: []netip.AddrPort{netip.MustParseAddrPort(listener.Addr().String())}}
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { server.ServeListener(ctx, listener, nil) })
	work.Go(func() { server.Serve(ctx) })
	t.Cleanup(func() { stop(); work.Wait() })
	return l
}

func whoAsks(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	fmt.Fprintf(w, "%q", Caller(r.Context()).String())
}

func TestAMemberIsKnownByItsKey(t *testing.T) {
	t.Parallel()
	l := answering(t, whoAsks)
	c := NewClient(l.friend, l.POP)
	defer c.Close()
	var got string
	if err := c.Call(t.Context(), "/", nil, &got); err != nil || got != l.friend.Public().String() {
		t.Errorf("%q, %v", got, err)
	}
}

func TestStrangersAreGoneBeforeHTTP(t *testing.T) {
	t.Parallel()
	l := answering(t, whoAsks)
	address := l.Addresses[0].String()
	for name, change := range map[string]func(*tls.Config){
		"a stranger's key":          func(c *tls.Config) { c.Certificates[0], _ = certificate(roster.NewKey()) },
		"no key":                    func(c *tls.Config) { c.Certificates = nil },
		"a key that is not its own": func(c *tls.Config) { c.Certificates[0].PrivateKey = roster.NewKey().Signer() },
		"TLS 1.2":                   func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12 },
		"no protocol":               func(c *tls.Config) { c.NextProtos = nil },
		"another protocol":          func(c *tls.Config) { c.NextProtos = []string{"h2", "http/1.1"} },
	} {
		c, err := config(l.friend, func(roster.Key) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		c.VerifyConnection = nil // a stranger does not check
		change(c)
		conn, err := tls.Dial("tcp", address, c)
		if err == nil {
			// With TLS 1.3 a client is done before the server has seen its certificate.
			fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: member\r\nContent-Length: 0\r\n\r\n")
			_, err = bufio.NewReader(conn).ReadByte()
			conn.Close()
		}
		if err == nil {
			t.Errorf("%s: there was an answer", name)
		}
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: member\r\n\r\n")
	if text, _ := io.ReadAll(conn); strings.Contains(string(text), "HTTP/1.1 200") {
		t.Error("without TLS there was an answer")
	}
	if n := l.asked.Load(); n != 0 {
		t.Errorf("%d requests of strangers were read", n)
	}
}

func TestSilentStrangersKeepNoMemberOut(t *testing.T) {
	t.Parallel()
	l := answering(t, whoAsks)
	for range 200 {
		conn, err := net.Dial("tcp", l.Addresses[0].String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	c := NewClient(l.friend, l.POP)
	defer c.Close()
	var who string
	if err := c.Call(t.Context(), "/", struct{}{}, &who); err != nil || who != l.friend.Public().String() {
		t.Errorf("%q, %v", who, err)
	}
}

func TestSomebodyElseInThePlaceOfAMember(t *testing.T) {
	t.Parallel()
	l := answering(t, whoAsks)
	l.Key = roster.NewKey().Public()
	c := NewClient(l.friend, l.POP)
	defer c.Close()
	if err := c.Call(t.Context(), "/", nil, nil); err == nil || !strings.Contains(err.Error(), "there is the key") || strings.Contains(err.Error(), "Post ") {
		t.Error(err)
	}
}

func TestSixteenRequestsOfAKeyAtATime(t *testing.T) {
	t.Parallel()
	arrived, done := make(chan struct{}, maxRequests), make(chan struct{})
	l := answering(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-done
	})
	var work sync.WaitGroup
	defer work.Wait()
	defer close(done)
	ask := func() error {
		c := NewClient(l.friend, l.POP)
		defer c.Close()
		return c.Call(t.Context(), "/", nil, nil)
	}
	for range maxRequests {
		work.Go(func() {
			if err := ask(); err != nil {
				t.Error(err)
			}
		})
		<-arrived
	}
	var refused *Refused
	if err := ask(); !errors.As(err, &refused) || refused.Status != http.StatusTooManyRequests {
		t.Error(err)
	}
}

func TestAKeyHasSoManyConnections(t *testing.T) {
	t.Parallel()
	l := answering(t, whoAsks)
	for i := range 2 * maxConns {
		conn, err := Dial(t.Context(), l.Addresses[0].String(), l.friend, l.Key)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: member\r\nContent-Length: 0\r\n\r\n")
		_, err = bufio.NewReader(conn).ReadByte()
		if (err == nil) != (i < maxConns) {
			t.Errorf("connection %d: %v", i, err)
		}
	}
}

func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	l := answering(t, whoAsks)
	for size, want := range map[int]string{60 << 10: "HTTP/1.1 200", 80 << 10: "HTTP/1.1 431"} {
		conn, err := Dial(t.Context(), l.Addresses[0].String(), l.friend, l.Key)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: member\r\nConnection: close\r\nContent-Length: 0\r\nX: %s\r\n\r\n", strings.Repeat("x", size))
		if line, _ := bufio.NewReader(conn).ReadString('\r'); !strings.HasPrefix(line, want) {
			t.Errorf("%d octets: %q", size, line)
		}
		conn.Close()
	}
}

// Who waits for the answer to one question need not wait for a connection to ask another one.
func TestConnectionsAreBegunAhead(t *testing.T) {
	t.Parallel()
	answer := make(chan struct{})
	l := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-answer
		}
	})
	c := NewClient(l.friend, l.POP)
	var dialed atomic.Int64
	dial := c.dial
	c.dial = func(ctx context.Context) (net.Conn, error) {
		dialed.Add(1)
		return dial(ctx)
	}
	c.Ahead(t.Context())
	c.Ahead(t.Context()) // there are enough
	slow := make(chan error)
	go func() { slow <- c.Send(t.Context(), "/slow", http.NoBody, nil) }()
	for l.asked.Load() == 0 {
		runtime.Gosched()
	}
	if err := c.Send(t.Context(), "/quick", http.NoBody, nil); err != nil {
		t.Error(err)
	}
	close(answer)
	if err := <-slow; err != nil || dialed.Load() != 2 {
		t.Errorf("%v, %d connections", err, dialed.Load())
	}
	c.Close()
}

// One that nobody takes is closed, and one that is too old is not taken.
func TestConnectionsThatWereBegunAheadEnd(t *testing.T) {
	t.Parallel()
	l := answering(t, whoAsks)
	c := NewClient(l.friend, l.POP)
	ours, theirs := net.Pipe()
	old := &ahead{conn: ours, done: make(chan struct{}), since: time.Now().Add(-aheadTime - time.Second)}
	close(old.done)
	c.ahead <- old
	if err := c.Send(t.Context(), "/", http.NoBody, nil); err != nil {
		t.Error(err)
	}
	if _, err := theirs.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the old one is open: %v", err)
	}
	ours, theirs = net.Pipe()
	unused := &ahead{conn: ours, done: make(chan struct{}), since: time.Now()}
	close(unused.done)
	c.ahead <- unused
	c.Close()
	if _, err := theirs.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("one that nobody took is open: %v", err)
	}
}
