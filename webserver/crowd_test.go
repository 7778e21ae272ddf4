package webserver

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// count is how many are under way.
func (u *quota) count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.all
}

// dialFrom connects from an address, and leaves no port behind.
func dialFrom(t *testing.T, from, to string) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	c.(*net.TCPConn).SetLinger(0)
	t.Cleanup(func() { c.Close() })
	return c
}

// TestNewVisitorsAreServedWhateverHoldsThePlaces: all places are taken by what moves least, from fifteen addresses, each within its
// own bound. New visitors come all the time, and who is on his way goes on, unless he is slower than those: what the kernels on
// both sides hold of a response has moved, at first some MB.
func TestNewVisitorsAreServedWhateverHoldsThePlaces(t *testing.T) {
	t.Parallel()
	for about, begins := range map[string]string{
		"one octet":               "G",
		"beginnings of uploads":   "POST /upload HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000\r\n\r\nx",
		"responses nobody takes":  "GET /large?x HTTP/1.1\r\nHost: a.test\r\n\r\n",
		"WebSockets without word": "GET /upload HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			site := &scripted{answer: streamed(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/large":
					w.Write(make([]byte, 16<<20))
				case r.Header.Get("Upgrade") != "":
					c, buffers, err := w.(http.Hijacker).Hijack()
					if err != nil {
						return
					}
					defer c.Close()
					io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
					io.Copy(io.Discard, buffers)
				default:
					io.Copy(io.Discard, r.Body)
				}
			}).answer}
			s, plain, _ := serve(t, Config{Clients: 100}, nil,
				VirtualHost{Name: "a", Hosts: []string{"a.test"}, Parts: only(site)}, VirtualHost{Name: "b", Hosts: []string{"b.test"}, Parts: only(examplePages())})
			honest := dialFrom(t, "127.0.3.1", plain)
			io.WriteString(honest, "POST /upload HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000\r\n\r\n")
			slower := strings.Contains(begins, "large")
			for i := range 300 {
				io.WriteString(dialFrom(t, fmt.Sprintf("127.0.2.%d", 1+i%15), plain), begins)
				if _, err := honest.Write(make([]byte, 2000)); err != nil && !slower {
					t.Fatalf("an upload that goes on was closed: %v", err)
				}
				if i%10 == 9 {
					visitor := dialFrom(t, "127.0.3.2", plain)
					fmt.Fprintf(visitor, "GET / HTTP/1.1\r\nHost: b.test\r\nUser-Agent: %s\r\n\r\n", strings.Repeat("x", 80))
					visitor.SetDeadline(time.Now().Add(patience))
					if answer, err := io.ReadAll(io.LimitReader(visitor, 5000)); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200 ") {
						t.Fatalf("a visitor after %d got %d octets, %v", i+1, len(answer), err)
					}
					visitor.Close()
				}
			}
			io.WriteString(honest, strings.Repeat("x", 400_000))
			honest.SetDeadline(time.Now().Add(patience))
			if answer, err := io.ReadAll(io.LimitReader(honest, 12)); !slower && (err != nil || string(answer) != "HTTP/1.1 200") {
				t.Errorf("an upload that went on got %q, %v", answer, err)
			}
			if c := s.conns.Counts(); c.Shed < 200 || c.Open > 100 {
				t.Errorf("got %+v", c)
			}
		})
	}
}

// deaf is a socket at which nothing arrives, like that of whoever writes somebody else's address into his packets.
type deaf struct {
	net.PacketConn
	closed chan struct{}
}

func (d deaf) ReadFrom([]byte) (int, net.Addr, error) {
	<-d.closed
	return 0, nil, net.ErrClosed
}

func TestSpoofedInitialsCloseNobodysConnections(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	s, plain, secure := serve(t, Config{HTTP3: true, PerAddress: 8, Clients: 20}, current, named("site", "example.org"))
	const victim = "127.0.9.9"
	var idle []net.Conn
	for range 8 {
		idle = append(idle, dialFrom(t, victim, plain))
	}
	until(t, "they are in", func() bool { return s.conns.Counts().Open == 8 })

	udp, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(victim)})
	if err != nil {
		t.Fatal(err)
	}
	transport := &quic.Transport{Conn: deaf{udp, make(chan struct{})}}
	t.Cleanup(func() {
		close(transport.Conn.(deaf).closed)
		transport.Close()
		udp.Close()
	})
	trust := &tls.Config{RootCAs: roots, ServerName: "example.org", NextProtos: []string{"h3"}}
	to, _ := net.ResolveUDPAddr("udp", secure)
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	for range 400 {
		go transport.Dial(ctx, to, trust, nil)
	}
	until(t, "as many are in their handshakes as may be", func() bool { return s.unproven.count() == s.unproven.mostFrom })

	// Who can prove the address is served, though the household has its share of the unproven.
	own, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(victim)})
	if err != nil {
		t.Fatal(err)
	}
	proving := &quic.Transport{Conn: own}
	client := &http3.Transport{TLSClientConfig: trust, Dial: func(ctx context.Context, _ string, trust *tls.Config, c *quic.Config) (*quic.Conn, error) {
		return proving.DialEarly(ctx, to, trust, c)
	}}
	defer own.Close()
	defer proving.Close()
	defer client.Close()
	response, err := askFor(&http.Client{Transport: client, Timeout: patience}, secure, "example.org")
	if err != nil || response.StatusCode != 200 {
		t.Fatalf("got %v, %v", response, err)
	}
	if c := s.conns.Counts(); c.Open != 8 || c.Shed != 1 { // for his own ninth
		t.Errorf("got %+v, want eight and one that made way for another of its own", c)
	}
	served := 0
	for _, c := range idle[1:] {
		c.SetDeadline(time.Now().Add(patience))
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
		if answer, _ := io.ReadAll(io.LimitReader(c, 3)); len(answer) == 3 {
			served++
		}
	}
	if served != 7 {
		t.Errorf("%d of the seven others are served", served)
	}
	enough()
}

// TestQUICConnectionsAreCountedOnceTheyHaveShakenHands, and make way like all others.
func TestQUICConnectionsAreCountedOnceTheyHaveShakenHands(t *testing.T) {
	t.Parallel()
	current, roots := certified(t, time.Now().Add(time.Hour))
	s, _, secure := serve(t, Config{HTTP3: true, Clients: 2}, current, named("site", "example.org"))
	trust := &tls.Config{RootCAs: roots, ServerName: "example.org", NextProtos: []string{"h3"}}
	var all []*quic.Conn
	for i := range 3 {
		c, err := quic.DialAddr(t.Context(), secure, trust, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
		until(t, "it is in", func() bool { return s.conns.Counts().Admitted == uint64(i+1) })
	}
	select {
	case <-all[0].Context().Done():
	case <-time.After(patience):
		t.Error("the idlest is still there")
	}
	if got, unproven := s.conns.Counts(), s.unproven.count(); got.Open != 2 || unproven != 0 {
		t.Errorf("got %+v, and %d unproven", got, unproven)
	}
	for _, c := range all {
		c.CloseWithError(0, "")
	}
	until(t, "all have left", func() bool { return s.conns.Counts().Open == 0 })
}
