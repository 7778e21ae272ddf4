package geodns

import (
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"tinycdn/geodns/rrl"
	"tinycdn/geoip"
	"tinycdn/zones/zonestest"
)

// long is what a reflector likes: an answer of 1106 octets to a question of 42.
func long() map[string]string {
	return map[string]string{"large.example": "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\nt TXT" + strings.Repeat(` "`+strings.Repeat("x", 209)+`"`, 5) + "\n"}
}

// flooded is the address that others ask in the name of.
var flooded = geoip.BlockOfAddr(netip.MustParseAddr("192.0.2.7"))

// limitedLoop is a Loop whose limiter has a clock that the test moves.
func limitedLoop(now *time.Duration, loops int) *Loop {
	limits := rrl.Limits{Rate: 200, Slip: 1, Loops: loops}
	return &Loop{cookies: newCookies(), limiter: rrl.New(limits, new(rrl.Meter), func() time.Duration { return *now }, func(rrl.Offender) {})}
}

// Whatever is asked in the name of an address, hardly more octets go there than were sent, but for what anybody gets. The
// answers that are not cut are those of the first moment: the longer it takes, the less they matter.
func TestFloodsAreNotAmplified(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, long())
	for what, change := range map[string]func(m *dns.Msg){
		"EDNS":                  func(m *dns.Msg) { m.SetEdns0(1232, false) },
		"no EDNS":               func(*dns.Msg) {},
		"a client's cookie":     cookieOption([]byte("12345678")),
		"a cookie of our shape": cookieOption([]byte("12345678\x01\x00\x00\x00123456789012")),
		"a long cookie":         cookieOption(make([]byte, 40)),
		"NSID": func(m *dns.Msg) {
			m.SetEdns0(1232, false)
			m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_NSID{Code: dns.EDNS0NSID}}
		},
		"a subnet": func(m *dns.Msg) {
			m.SetEdns0(1232, false)
			m.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, Address: net.IP{192, 0, 2, 0}}}
		},
		"the root, a cookie":    func(m *dns.Msg) { m.Question[0].Name = "."; cookieOption([]byte("12345678"))(m) },
		"a cookie, no question": func(m *dns.Msg) { m.Question = nil; cookieOption([]byte("12345678"))(m) },
		"a mistake":             func(m *dns.Msg) { cookieOption([]byte("123"))(m) },
		"BADVERS":               func(m *dns.Msg) { m.SetEdns0(1232, false); m.IsEdns0().SetVersion(1) },
	} {
		m := question("t.large.example.", dns.TypeTXT)
		change(m)
		raw, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		for _, flood := range []struct{ rate, seconds int }{{8000, 3}, {3000, 60}, {1000, 180}} {
			now := time.Hour
			loop := limitedLoop(&now, 1)
			r := NewResponder(f.Store, Identity{Name: "a name that is rather long"}, loop)
			in, out := 0, 0
			var reply []byte
			for range flood.rate * flood.seconds {
				now += time.Second / time.Duration(flood.rate)
				loop.begin(1)
				reply = r.Respond(reply, raw, flooded, false)
				in, out = in+len(raw), out+len(reply)
			}
			if factor := float64(out) / float64(in); factor > 1.1 {
				t.Errorf("%s, %d a second: %.2f octets out for one in", what, flood.rate, factor)
			}
			tcp, honest := r.Respond(nil, raw, flooded, true), r.Respond(nil, raw, loopback, false)
			if len(tcp) < len(honest) || len(honest) == 0 {
				t.Errorf("%s, %d a second: over TCP %d octets, for another address %d", what, flood.rate, len(tcp), len(honest))
			}
		}
	}
}

func flood(loop *Loop, now *time.Duration, rate int, from geoip.Block) {
	for range rate {
		*now += time.Second / time.Duration(rate)
		loop.begin(1)
		loop.limiter.Judge(from)
	}
}

// What an honest client gets, whose address others flood.
func TestBeyondTheLimitThereIsAWay(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, long())
	now := time.Hour
	loop := limitedLoop(&now, 1)
	r := NewResponder(f.Store, Identity{Name: "fra"}, loop)
	m := question("t.large.example.", dns.TypeTXT)
	m.RecursionDesired = false
	flood(loop, &now, 2000, loopback)
	if got := respondTo(t, r, m, false); !got.Truncated || got.Rcode != 0 || len(got.Answer)+len(got.Ns)+len(got.Extra) != 0 {
		t.Errorf("got %v, want TC", got)
	}
	if got := respondTo(t, r, m, true); got.Truncated || len(got.Answer) != 1 {
		t.Errorf("over TCP: got %v, want the answer", got)
	}
	cookieOption([]byte("12345678"))(m)
	refused := respondTo(t, r, m, false)
	if refused.Rcode != dns.RcodeBadCookie || refused.Truncated || len(refused.Answer) != 0 {
		t.Fatalf("got %v, want BADCOOKIE", refused)
	}
	if got := respondTo(t, r, m, false); !got.Truncated || len(got.IsEdns0().Option) != 0 {
		t.Errorf("got %v, want TC for the second: both would be an amplifier", got)
	}
	m.IsEdns0().Option = refused.IsEdns0().Option
	if got := respondTo(t, r, m, false); got.Truncated || len(got.Answer) != 1 || got.IsEdns0().Option[0].String() != m.IsEdns0().Option[0].String() {
		t.Errorf("with the cookie: got %v, want the answer", got)
	}
	cookieOption([]byte("12345678\x01\x00\x00\x00123456789012"))(m)
	for range 3 {
		if got := respondTo(t, r, m, false); got.Rcode != dns.RcodeBadCookie {
			t.Errorf("with a cookie of somebody else: got %v, want BADCOOKIE", got)
		}
	}
	for range 4 {
		flood(loop, &now, 8000, loopback)
	}
	raw, _ := m.Pack()
	if reply := r.Respond(nil, raw, loopback, false); len(reply) != 0 {
		t.Errorf("far beyond: got %x, want silence", reply)
	}
	m.IsEdns0().Option = refused.IsEdns0().Option
	if got := respondTo(t, r, m, false); len(got.Answer) != 1 {
		t.Errorf("far beyond, with the cookie: got %v, want the answer", got)
	}
	s := &Server{listeners: []*listener{{loops: []*Loop{loop}}}}
	if got, want := s.Limited(), (Limited{Truncated: 2, BadCookie: 4, Silent: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestNoLimitedReplyAllocates(t *testing.T) {
	f := zonestest.Must(t, long())
	now := time.Hour
	loop := limitedLoop(&now, 1)
	r := NewResponder(f.Store, Identity{Name: "fra"}, loop)
	reply := make([]byte, 0, 4096)
	for what, seconds := range map[string]int{"truncated": 1, "silent": 6} {
		for range seconds {
			flood(loop, &now, 3000*seconds, loopback)
		}
		for _, octets := range []int{8, 24} {
			m := question("t.large.example.", dns.TypeTXT)
			cookieOption(make([]byte, octets))(m)
			raw, _ := m.Pack()
			if n := testing.AllocsPerRun(100, func() { loop.begin(1); r.Respond(reply, raw, loopback, false) }); n != 0 {
				t.Errorf("%s, a cookie of %d octets: got %v allocations, want 0", what, octets, n)
			}
		}
	}
}

// A real server and a real flood: one address is cut, another is not, and the first is answered over TCP and with its cookie.
func TestAFloodOverSocketsIsCut(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, long())
	config := Config{RRL: defaultRRL()}
	config.RRL.Exempt = nil
	s, err := Listen(patient(config), func(l *Loop) Answerer { return NewResponder(f.Store, Identity{}, l) }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	n := serve(t, s)
	m := question("t.large.example.", dns.TypeTXT)
	raw, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("udp", n.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	eventually(t, "it is cut", func() bool {
		for range 1000 {
			conn.Write(raw)
		}
		return n.Limited().Truncated > 0
	})
	for what, c := range map[string]*dns.Client{
		"over TCP":             {Net: "tcp", Timeout: patience},
		"from another address": {Timeout: patience, Dialer: &net.Dialer{LocalAddr: &net.UDPAddr{IP: net.IP{127, 0, 1, 1}}}},
	} {
		m := question("t.large.example.", dns.TypeTXT)
		m.SetEdns0(1232, false)
		if got, _, err := c.Exchange(m, n.addr); err != nil || len(got.Answer) != 1 {
			t.Errorf("%s: got %v, %v", what, got, err)
		}
	}
}

func TestAnOffenderIsLoggedOnceAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var text strings.Builder
		o := newOffenders()
		done := make(chan struct{})
		go func() {
			o.log(slog.New(slog.NewTextHandler(&text, nil)))
			close(done)
		}()
		for second := range 90 {
			o.tell(rrl.Offender{Network: netip.MustParsePrefix("192.0.2.1/32"), Rate: 4000})
			for i := range 15 { // everybody at once
				if second == 70 {
					o.tell(rrl.Offender{Network: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 32)})
				}
			}
			time.Sleep(time.Second)
			synctest.Wait()
		}
		o.stop()
		<-done
		if got := strings.Count(text.String(), "from=192.0.2.1/32 queries_per_second=4000 "); got != 2 {
			t.Errorf("got %d lines of one, want 2:\n%s", got, &text)
		}
		if got := strings.Count(text.String(), "\n"); got != 2+mostLogged-1 {
			t.Errorf("got %d lines, want %d", got, 2+mostLogged-1)
		}
	})
}
