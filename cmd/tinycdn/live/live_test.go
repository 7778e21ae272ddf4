package live

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// places are three, of which the last has two addresses.
func places(change func(p []Place)) []Place {
	var list []Place
	for _, at := range []string{"nyc 192.0.2.1:53", "syd 192.0.2.2:53", "fra 192.0.2.3:53", "fra [2001:db8::3]:53"} {
		pop, address, _ := strings.Cut(at, " ")
		list = append(list, Place{POP: pop, Address: netip.MustParseAddrPort(address), Served: Served{
			Version: "v1", Generation: "42 abc", All: "all", Databases: "City of 2026-11-01",
			Maps: map[string]string{"world": "1 2"}, Zones: map[string]Zone{"example.org": {Serial: 7, Sum: "s"}, "example.net": {Answer: "SERVFAIL"}},
		}})
	}
	change(list)
	return list
}

func TestDifferencesAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		change func(p []Place)
		want   string
	}{
		{func(p []Place) {}, ""},
		{func(p []Place) { p[1].Zones["example.org"] = Zone{Serial: 6, Sum: "t"} }, "zone example.org: serial: 7 at nyc, fra; 6 at syd"},
		{func(p []Place) { p[1].Zones["example.org"] = Zone{Serial: 7, Sum: "t"} }, "zone example.org: records, with the same serial: s at nyc, fra; t at syd"},
		{func(p []Place) { p[1].Zones["example.net"] = Zone{Serial: 0} }, "zone example.net: serial: SERVFAIL at nyc, fra; 0 at syd"},
		{func(p []Place) { p[3].Maps["world"] = "1 3" }, "map world: rules, POPs or data: 1 2 at nyc, syd, fra at 192.0.2.3; 1 3 at fra at 2001:db8::3"},
		{func(p []Place) { p[0].Databases = "City of 2026-10-01" }, "databases: City of 2026-11-01 at syd, fra; City of 2026-10-01 at nyc"},
		{func(p []Place) { p[0].Generation, p[1].Generation = "41 abc", "" }, "generation: 42 abc at fra; 41 abc at nyc; not told at syd"},
		{func(p []Place) { p[0].All = "other" }, "zones or maps that this folder does not have: all at syd, fra; other at nyc"},
		{func(p []Place) {
			p[0].Version, p[0].All, p[0].Maps, p[0].Zones["example.org"] = "v2", "x", nil, Zone{Serial: 7, Sum: "t"}
		}, "version: v1 at syd, fra; v2 at nyc"},
		{func(p []Place) { p[0] = Place{Error: "no answer"} }, ""},
		{func(p []Place) { p[0] = Folder(Served{Zones: map[string]Zone{"example.org": {Serial: 7, Sum: "t"}}}) }, "zone example.org: records, with the same serial: s at syd, fra; t at this folder"},
		{func(p []Place) {
			p[0] = Folder(Served{Zones: map[string]Zone{"example.org": {Serial: 7, Sum: "s"}, "example.net": {Serial: 1}}})
		}, "zone example.net: serial: SERVFAIL at syd, fra; 1 at this folder"},
	} {
		var words []string
		for _, d := range Differ(places(c.change)) {
			words = append(words, d.String())
		}
		if got := strings.Join(words, " | "); got != c.want {
			t.Errorf("got %s\nwant %s", got, c.want)
		}
	}
}

func TestManyDifferencesAreCounted(t *testing.T) {
	t.Parallel()
	r := Report{Places: places(func([]Place) {})}
	for range 50 {
		r.Differences = append(r.Differences, Difference{"zone", []Value{{"1", []string{"a"}}}})
	}
	var b strings.Builder
	r.Write(&b)
	if n := strings.Count(b.String(), "zone: "); n != 20 || !strings.HasSuffix(b.String(), "and 30 more differences: --json has them\n") {
		t.Errorf("%d are told in\n%s", n, b.String())
	}
}

// server answers every packet to a port of this machine until the test ends.
func server(t *testing.T, answer func(question []byte) []byte) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for b := make([]byte, 1024); ; {
			n, from, err := conn.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			if reply := answer(b[:n]); reply != nil {
				conn.WriteToUDPAddrPort(reply, from)
			}
		}
	})
	t.Cleanup(func() {
		conn.Close()
		serving.Wait()
	})
	return conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// replyWith answers a question as somebody would who has a record for all.
func replyWith(change func(reply *dns.Msg)) func([]byte) []byte {
	return func(packet []byte) []byte {
		question, reply := new(dns.Msg), new(dns.Msg)
		if question.Unpack(packet) != nil {
			return nil
		}
		reply.SetReply(question)
		change(reply)
		packed, _ := reply.Pack()
		return packed
	}
}

func TestNonsenseAndSilenceAreNamed(t *testing.T) {
	t.Parallel()
	for want, answer := range map[string]func([]byte) []byte{
		"no answer": func([]byte) []byte { return nil },
		"nonsense: a reply to another question than version.tinycdn. TXT": replyWith(func(m *dns.Msg) { m.Question[0].Name = "other." }),
		"nonsense: no text for version.tinycdn.":                          replyWith(func(m *dns.Msg) {}),
		"nonsense: bad question name: ":                                   func(q []byte) []byte { return append(append(q[:2:2], 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0), "\xff\xff"...) },
		"":                                                                replyWith(func(m *dns.Msg) { m.Rcode = dns.RcodeRefused }),
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			list := []Place{{POP: "nyc", Address: server(t, answer)}}
			begin := time.Now()
			Ask(t.Context(), list, Questions{Zones: []string{"example.org", "."}, Maps: []string{"a.b c"}})
			if got := list[0].Error; got != want && (want == "" || !strings.HasPrefix(got, want)) {
				t.Errorf("got %q, want %q, after %v", got, want, time.Since(begin))
			}
			if want == "" && list[0].Zones["example.org"] != (Zone{Answer: "REFUSED"}) {
				t.Errorf("got %+v", list[0])
			}
		})
	}
}

func TestNamesThatHaveNoRoomForMoreAreLeftOut(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("l234567890.", 22) + "example"
	var mu sync.Mutex
	asked := map[string]bool{}
	at := server(t, replyWith(func(m *dns.Msg) {
		mu.Lock()
		defer mu.Unlock()
		asked[m.Question[0].Name] = true
		m.Rcode = dns.RcodeRefused
	}))
	list := []Place{{POP: "nyc", Address: at}}
	Ask(t.Context(), list, Questions{Zones: []string{long}, Maps: []string{strings.Repeat("m", 64), `M\"é`}})
	mu.Lock()
	defer mu.Unlock()
	if list[0].Error != "" || list[0].Zones[long].Answer != "REFUSED" || len(asked) != 6 || !asked[`M\\\"\195\169.maps.tinycdn.`] {
		t.Errorf("got %+v, having asked for %v", list[0], asked)
	}
}

func TestAHashIsShortenedWhereverItStands(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("9c0e47d1", 8)
	of := Place{Served: Served{Version: "v1", Generation: "42 " + hash + " canary", All: "all"}}
	if got, want := of.summary(), "v1, generation 42 9c0e47d19c0e canary"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	d := Difference{"generation", []Value{{"42 " + hash + " canary", []string{"fra"}}, {"41 " + hash, []string{"nyc"}}}}
	if got, want := d.String(), "generation: 42 9c0e47d19c0e canary at fra; 41 9c0e47d19c0e at nyc"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
