package health

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tinycdn/geodns"
	"tinycdn/zones"
)

var exampleOrg = []byte("\x07example\x03org\x00")

// nameserver is a real one with a zone, for one test.
func nameserver(t *testing.T, set func(*zones.Draft)) netip.AddrPort {
	t.Helper()
	store := zones.NewStore()
	if err := store.Update(func(d *zones.Draft) error { set(d); return nil }); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	config := geodns.Default()
	config.Listen = []string{"127.0.0.1:0"}
	s, err := geodns.Listen(config, func(l *geodns.Loop) geodns.Answerer {
		return geodns.NewResponder(store, geodns.Identity{}, l)
	}, log)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		s.Serve(ctx)
		close(done)
	}()
	t.Cleanup(func() { stop(); <-done })
	return s.Addrs()[0]
}

// fake answers over UDP as it is told, and over TCP as another server does, or closes.
func fake(t *testing.T, answer func(query []byte) []byte) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		query := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFrom(query)
			if err != nil {
				return
			}
			if reply := answer(query[:n]); reply != nil {
				conn.WriteTo(reply, from)
			}
		}
	}()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// reply is the query with another header.
func reply(query []byte, flags1, flags2, answers byte) []byte {
	r := append([]byte{}, query...)
	r[2], r[3], r[7] = flags1, flags2, answers
	return r
}

func TestWhatIsSeenOfANameserver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "zone")
	text := "$ORIGIN example.org.\n@ 300 IN SOA ns hostmaster 1 2 3 4 5\n@ 300 IN NS ns\nns 300 IN A 192.0.2.1\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded := zones.Load(path, "", nil)
	if loaded.Value == nil {
		t.Fatal(loaded.Problems)
	}
	tries := 0
	for _, test := range []struct {
		name string
		at   netip.AddrPort
		want string
	}{
		{"well", nameserver(t, func(d *zones.Draft) { d.SetZone(loaded.Value) }), ""},
		{"a zone that could not be loaded", nameserver(t, func(d *zones.Draft) { d.Fail(exampleOrg) }), "UDP: SERVFAIL"},
		{"another zone", nameserver(t, func(d *zones.Draft) { d.Fail([]byte("\x03net\x00")) }), "UDP: REFUSED"},
		{"a resolver", fake(t, func(q []byte) []byte { return reply(q, 0x80, 0, 1) }), "UDP: it does not have the zone"},
		{"a referral", fake(t, func(q []byte) []byte { return reply(q, 0x80, 0, 0) }), "UDP: it does not have the zone"},
		{"an echo", fake(t, func(q []byte) []byte { return q }), "UDP: what answers there is no nameserver"},
		{"another question", fake(t, func(q []byte) []byte { return append(reply(q, 0x84, 0, 1)[:headerLen], "\x00\x00\x06\x00\x01"...) }), "UDP: it answers another question"},
		{"a code of its own", fake(t, func(q []byte) []byte { return reply(q, 0x84, 11, 0) }), "UDP: RCODE 11"},
		{"silent", fake(t, func(q []byte) []byte { return nil }), "UDP: no answer within 1s"},
		{"with others' numbers", fake(t, func(q []byte) []byte { r := reply(q, 0x84, 0, 1); r[0]++; return r }), "UDP: no answer within 1s"},
		{"only over UDP", fake(t, func(q []byte) []byte { return reply(q, 0x84, 0, 1) }), "TCP: the connection was refused"},
		{"that loses the first", fake(t, func(q []byte) []byte {
			if tries++; tries == 1 {
				return nil
			}
			return reply(q, 0x84, 0, 1)
		}), "TCP: the connection was refused"},
		{"only over TCP", listen(t, func(c net.Conn) { io.Copy(c, c) }), "UDP: the connection was refused"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			timeout := 20 * time.Second
			if test.want == "UDP: no answer within 1s" {
				timeout = time.Second
			}
			if test.name == "that loses the first" {
				timeout = 3 * time.Second
			}
			r := new(Prober).Look(t.Context(), &Spot{Target: Target{"syd", DNS4}, Addrs: []netip.AddrPort{test.at}, Timeout: timeout, Zone: exampleOrg})
			if r.Why != test.want {
				t.Errorf("got %q, want %q", r.Why, test.want)
			}
			if r.Why == "" && len(r.Took) != 2 {
				t.Errorf("it took %v: want the times of UDP and TCP", r.Took)
			}
		})
	}
}

// TestADNSAnswerOverTCPIsBounded: none is longer than its length says, nor waited for longer than a look takes.
func TestADNSAnswerOverTCPIsBounded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"\xff\xff": "the connection was closed", "\x00\x03abc": "the answer is cut short", "": "the connection was closed",
		"\x00\x0c123456789012": "",
	} {
		at := listen(t, func(c net.Conn) {
			c.Read(make([]byte, 4096))
			io.WriteString(c, text)
		})
		conn, err := net.Dial("tcp", at.String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, err = askTCP(conn, soaQuestion(exampleOrg), 0)
		got := ""
		if err != nil {
			got = reason(err, time.Second)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// FuzzReplyOfANameserver: whatever comes is judged.
func FuzzReplyOfANameserver(f *testing.F) {
	question := soaQuestion(exampleOrg)
	f.Add(reply(question, 0x84, 0, 1))
	f.Add(make([]byte, headerLen))
	f.Fuzz(func(t *testing.T, reply []byte) {
		if len(reply) < headerLen {
			return
		}
		if judgeSOA(question, reply) == "" && (string(reply[:2]) != string(question[:2]) || reply[2]&0x84 != 0x84 || reply[3]&15 != 0) {
			t.Errorf("%x is well", reply)
		}
	})
}
