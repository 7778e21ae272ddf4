package golden

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// serve answers over UDP and TCP at one port of this machine until the test ends. An answer of nil is silence.
func serve(t *testing.T, answer func(q *dns.Msg, network string) *dns.Msg) netip.AddrPort {
	t.Helper()
	for range 20 { // the port of the one may be taken for the other
		packets, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		at := packets.LocalAddr().(*net.UDPAddr).AddrPort()
		listener, err := net.Listen("tcp4", at.String())
		if err != nil {
			packets.Close()
			continue
		}
		handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
			if reply := answer(q, w.LocalAddr().Network()); reply != nil {
				w.WriteMsg(reply)
			}
		})
		var serving sync.WaitGroup
		t.Cleanup(serving.Wait)
		for _, server := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: listener, Handler: handler}} {
			started := make(chan struct{})
			server.NotifyStartedFunc = func() { close(started) }
			serving.Go(func() { server.ActivateAndServe() })
			<-started
			t.Cleanup(func() { server.Shutdown() })
		}
		return at
	}
	t.Fatal("no port is free for both")
	return netip.AddrPort{}
}

// right is what is asked for: an address.
func right(q *dns.Msg) *dns.Msg {
	reply := new(dns.Msg).SetReply(q)
	reply.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.IPv4(192, 0, 2, 1)}}
	return reply
}

// askAll asks n questions, and tells what comes: "" for what is right.
func askAll(t *testing.T, network string, at netip.AddrPort, n int) (got []string, err error) {
	t.Helper()
	got = make([]string, n)
	for i := range got {
		got[i] = "never told"
	}
	err = newStream(network, at).ask(t.Context(), n, func(i int) Question {
		return Question{Name: fmt.Sprintf("n%d.example.org.", i), Type: dns.TypeA, Class: dns.ClassINET}
	}, func(i int, reply *dns.Msg, err error) {
		switch {
		case got[i] != "never told":
			t.Errorf("%d is told twice: %s, then %v %v", i, got[i], reply, err)
		case err != nil:
			got[i] = err.Error()
		case len(reply.Answer) != 1 || reply.Question[0].Name != fmt.Sprintf("n%d.example.org.", i):
			got[i] = reply.String()
		default:
			got[i] = ""
		}
	})
	return got, err
}

func is(q *dns.Msg, name string) bool { return strings.HasPrefix(q.Question[0].Name, name+".") }

func TestQuestionsOnTheWay(t *testing.T) {
	t.Parallel()
	const n = 2000
	for name, c := range map[string]struct {
		networks []string
		answer   func(lost *sync.Map) func(q *dns.Msg, network string) *dns.Msg
		want     map[int]string // "" for all others
		err      string
	}{
		"all are answered": {networks, func(*sync.Map) func(*dns.Msg, string) *dns.Msg {
			return func(q *dns.Msg, _ string) *dns.Msg { return right(q) }
		}, nil, ""},
		"every seventh is lost, once": {[]string{"udp"}, func(lost *sync.Map) func(*dns.Msg, string) *dns.Msg {
			return func(q *dns.Msg, _ string) *dns.Msg {
				var i int
				fmt.Sscanf(q.Question[0].Name, "n%d.", &i)
				if _, again := lost.LoadOrStore(i, true); i%7 == 0 && !again {
					return nil
				}
				return right(q)
			}
		}, nil, ""},
		"one is never answered": {networks, func(*sync.Map) func(*dns.Msg, string) *dns.Msg {
			return func(q *dns.Msg, _ string) *dns.Msg {
				if is(q, "n77") {
					return nil
				}
				return right(q)
			}
		}, map[int]string{77: "no answer"}, ""},
		"nobody answers": {networks, func(*sync.Map) func(*dns.Msg, string) *dns.Msg {
			return func(*dns.Msg, string) *dns.Msg { return nil }
		}, nil, "no answer"},
		"an answer to another question comes first": {networks, func(lost *sync.Map) func(*dns.Msg, string) *dns.Msg {
			return func(q *dns.Msg, _ string) *dns.Msg {
				if _, again := lost.LoadOrStore(q.Question[0].Name, true); is(q, "n3") && !again {
					reply := right(q)
					reply.Question[0].Name = "other."
					return reply
				}
				return right(q)
			}
		}, nil, ""},
		"no answer without a good cookie": {[]string{"udp"}, func(*sync.Map) func(*dns.Msg, string) *dns.Msg {
			return func(q *dns.Msg, _ string) *dns.Msg {
				cookie := q.IsEdns0().Option[0].(*dns.EDNS0_COOKIE).Cookie
				good := cookie[:16] + hex.EncodeToString([]byte("good 123"))
				reply := right(q)
				if cookie != good {
					reply.Rcode, reply.Answer = dns.RcodeBadCookie, nil
				}
				reply.SetEdns0(1232, false)
				reply.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: good}}
				return reply
			}
		}, nil, ""},
	} {
		for _, network := range c.networks {
			t.Run(name+" over "+network, func(t *testing.T) {
				t.Parallel()
				at := serve(t, c.answer(new(sync.Map)))
				got, err := askAll(t, network, at, n)
				if fmt.Sprint(err) != c.err && (err != nil || c.err != "") {
					t.Errorf("got %v, want %q", err, c.err)
				}
				for i, text := range got {
					if want := c.want[i]; c.err == "" && text != want {
						t.Fatalf("%d: got %q, want %q", i, text, want)
					}
				}
			})
		}
	}
}

// A server may close a connection at any time: what it has not answered then is asked again.
func TestAClosedConnectionIsOpenedAgain(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			c := dns.Conn{Conn: conn}
			for range 5 {
				q, err := c.ReadMsg()
				if err != nil {
					break
				}
				c.WriteMsg(right(q))
			}
			conn.Close()
		}
	})
	t.Cleanup(func() { listener.Close(); serving.Wait() })
	at := listener.Addr().(*net.TCPAddr).AddrPort()
	got, err := askAll(t, "tcp", at, 23)
	if err != nil || strings.Join(got, "") != "" {
		t.Errorf("got %v, %q", err, got)
	}
	listener.Close()
	serving.Wait()
	if _, err := askAll(t, "tcp", at, 1); err == nil || err.Error() != "connection refused" {
		t.Errorf("got %v", err)
	}
}
