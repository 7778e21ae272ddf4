package zones_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/geoip"
	"tinycdn/zones"
	"tinycdn/zones/zonestest"
)

// asked is a question; the zero client is one that no database places, and the zero limit is that of TCP.
type asked struct {
	name   string
	typ    uint16
	do     bool
	limit  int
	client zones.Client
}

var nowhere = geoip.BlockOfAddr(netip.MustParseAddr("127.0.0.1"))

// ask puts a question to a snapshot as a nameserver does: the reply begins with the header and the question.
func ask(t testing.TB, s *zones.Snapshot, a asked) (*dns.Msg, zones.Outcome) {
	t.Helper()
	m := new(dns.Msg)
	m.SetQuestion(a.name, a.typ)
	reply, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if a.client == (zones.Client{}) {
		a.client.Resolver = nowhere
	}
	if a.limit == 0 {
		a.limit = 65535
	}
	q := zones.Question{Name: new([264]byte), NameLen: len(reply) - 12 - 4, Type: a.typ, DO: a.do, Limit: a.limit, Client: a.client}
	copy(q.Name[:], reply[12:len(reply)-4])
	for i, c := range q.Name {
		if 'A' <= c && c <= 'Z' {
			q.Name[i] = c + 'a' - 'A'
		}
	}
	reply, out := s.Answer(reply, &q)
	binary.BigEndian.PutUint16(reply[6:], out.Answer)
	binary.BigEndian.PutUint16(reply[8:], out.Authority)
	binary.BigEndian.PutUint16(reply[10:], out.Additional)
	got := new(dns.Msg)
	if err := got.Unpack(reply); err != nil {
		t.Fatalf("%s %s: the reply cannot be read: %v\n%x", a.name, dns.Type(a.typ), err, reply)
	}
	got.Rcode, got.Authoritative, got.Truncated = int(out.Rcode), out.Authoritative, out.Truncated
	return got, out
}

var types = []uint16{dns.TypeA, dns.TypeAAAA, dns.TypeNS, dns.TypeSOA, dns.TypeCNAME, dns.TypeDNAME, dns.TypeMX,
	dns.TypeTXT, dns.TypeDS, dns.TypeANY, dns.TypeSRV, dns.TypeCAA, 65400, dns.TypeHTTPS, 0, 65535}

// Every name of the zones, every name beside and below each, every type: all as the plain oracle says.
func TestEveryNameIsAnsweredAsTheOracleDoes(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	snapshot := f.Store.Current()
	for _, name := range append(f.Names(), ".", "org.", "com.", "example.com.") {
		for _, typ := range types {
			for _, a := range []asked{{name: name, typ: typ}, {name: strings.ToUpper(name), typ: typ, do: true}} {
				got, _ := ask(t, snapshot, a)
				f.Judge(t, got, a.name, typ, a.do)
			}
		}
	}
}

// RFC 6672, 2.2: what a DNAME makes of a name may have 255 octets, and with one more there is no such name.
func TestADNAMEMakesNamesOfUpTo255Octets(t *testing.T) {
	t.Parallel()
	l63 := strings.Repeat("a", 63)
	target := strings.Join([]string{l63, l63, l63, "example.net."}, ".") // 3*64 + 8 + 4 + 1 = 205 octets
	f := zonestest.Must(t, map[string]string{
		"example.org": "$TTL 60\n@ SOA ns.test. h.test. 1 2 3 4 30\n@ NS ns.test.\nd DNAME " + target + "\n",
	})
	for _, tt := range []struct {
		label  int // octets of the label that is put before the target
		octets int // of the name that comes of it
		rcode  int
	}{
		{48, 254, dns.RcodeSuccess},
		{49, 255, dns.RcodeSuccess},
		{50, 256, dns.RcodeYXDomain},
		{51, 257, dns.RcodeYXDomain},
		{63, 269, dns.RcodeYXDomain},
	} {
		name := strings.Repeat("b", tt.label) + ".d.example.org."
		got, _ := ask(t, f.Store.Current(), asked{name: name, typ: dns.TypeA})
		if got.Rcode != tt.rcode || (len(got.Answer) == 2) != (tt.rcode == dns.RcodeSuccess) {
			t.Errorf("%d octets: got %s and %d records, want %s", tt.octets, dns.RcodeToString[got.Rcode], len(got.Answer), dns.RcodeToString[tt.rcode])
		}
		f.Judge(t, got, name, dns.TypeA, false)
	}
}

// RFC 2308, 3: a negative answer is remembered for the SOA's TTL or its MINIMUM, whichever is less.
func TestNegativeAnswersLastTheLesserOfTTLAndMinimum(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ ttl, minimum, want uint32 }{{3600, 300, 300}, {60, 300, 60}, {300, 300, 300}, {60, 0, 0}} {
		f := zonestest.Must(t, map[string]string{
			"example.org": fmt.Sprintf("@ %d SOA ns.test. h.test. 1 2 3 4 %d\n@ 9 NS ns.test.\n", tt.ttl, tt.minimum),
		})
		for _, name := range []string{"example.org.", "nothing.example.org."} {
			got, _ := ask(t, f.Store.Current(), asked{name: name, typ: dns.TypeTXT})
			if len(got.Ns) != 1 || got.Ns[0].Header().Ttl != tt.want {
				t.Errorf("SOA of TTL %d and MINIMUM %d: %s gets %v, want the TTL %d", tt.ttl, tt.minimum, name, got.Ns, tt.want)
			}
		}
	}
}

// The addresses of what records lead to come along, as far as the zone has them and the smallest reply holds them.
func TestAddressesOfTargetsComeAlong(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 40 {
		fmt.Fprintf(&many, "many A 192.0.2.%d\n", i)
	}
	f := zonestest.Must(t, map[string]string{"example.org": `$TTL 60
@ SOA ns h 1 2 3 4 30
@ NS ns
ns A 192.0.2.1
ns AAAA 2001:db8::1
mx MX 1 ns
mx MX 2 ns2
mx MX 3 NS
ns2 A 192.0.2.2
srv SRV 1 2 3 ns2
ptr PTR ns2
gone MX 1 nothing
away MX 1 mail.example.net.
togeo MX 1 geo
geo 30 GEO
tomany MX 1 many
toboth MX 1 many
toboth MX 2 ns2
nsalias CNAME mx
*.wild MX 1 ns2
sub NS ns.sub
ns.sub A 192.0.2.9
tosub MX 1 ns.sub
` + many.String()})
	for name, want := range map[string][]string{
		"example.org. NS": {"ns A 192.0.2.1", "ns AAAA 2001:db8::1"},
		"mx MX":           {"ns A 192.0.2.1", "ns AAAA 2001:db8::1", "ns2 A 192.0.2.2"},
		"nsalias MX":      {"ns A 192.0.2.1", "ns AAAA 2001:db8::1", "ns2 A 192.0.2.2"},
		"srv SRV":         {"ns2 A 192.0.2.2"},
		"ptr PTR":         nil,
		"gone MX":         nil,
		"away MX":         nil,
		"togeo MX":        nil, // they depend on who asks
		"tomany MX":       nil, // they would not fit
		"toboth MX":       {"ns2 A 192.0.2.2"},
		"a.wild MX":       nil, // packed for every name below
		"tosub MX":        {"ns.sub A 192.0.2.9"},
		"x.sub A":         {"ns.sub A 192.0.2.9"},
	} {
		owner, typ, _ := strings.Cut(name, " ")
		if !strings.HasSuffix(owner, ".") {
			owner += ".example.org."
		}
		got, _ := ask(t, f.Store.Current(), asked{name: owner, typ: dns.StringToType[typ]})
		var extra []string
		for _, rr := range got.Extra {
			host, _ := strings.CutSuffix(strings.ToLower(rr.Header().Name), ".example.org.")
			fields := strings.Fields(rr.String())
			extra = append(extra, host+" "+fields[3]+" "+fields[4])
		}
		slices.Sort(extra)
		if !slices.Equal(extra, want) {
			t.Errorf("%s: got %q, want %q", name, extra, want)
		}
	}
}

// Additional records that nobody asked for go before an answer is truncated; glue is never taken from a referral.
func TestOnlyExtrasAreDroppedToFitTheLimit(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	for _, tt := range []struct {
		name string
		typ  uint16
		glue bool
	}{
		{"example.org.", dns.TypeMX, false},
		{"example.org.", dns.TypeNS, false},
		{"_sip._udp.example.org.", dns.TypeSRV, false},
		{"a.wild.example.org.", dns.TypeMX, false},
		{"x.sub.example.org.", dns.TypeA, true},
		{"x.child.example.org.", dns.TypeA, false}, // a zone of ours: no referral
		{"alias2.example.org.", dns.TypeA, false},
		{"mail.dn.example.org.", dns.TypeA, false},
		{"nothing.example.org.", dns.TypeA, false},
		{"older.example.org.", dns.TypeTXT, false},
		{"loop.example.org.", dns.TypeA, false},
		{"x.dnself.example.org.", dns.TypeA, false},
		{"x.endless.example.org.", dns.TypeA, false},
	} {
		whole, _ := ask(t, f.Store.Current(), asked{name: tt.name, typ: tt.typ})
		for limit := 12; limit < 600; limit++ {
			got, _ := ask(t, f.Store.Current(), asked{name: tt.name, typ: tt.typ, limit: limit})
			switch {
			case got.Truncated:
				zonestest.Compare(t, fmt.Sprintf("%s, limit %d: part of the answer", tt.name, limit), got.Answer, whole.Answer[:min(len(got.Answer), len(whole.Answer))])
				if len(got.Answer) == len(whole.Answer) && len(whole.Ns) == 0 || len(got.Ns)+len(got.Extra) > 0 {
					t.Errorf("%s, limit %d: truncated to %v", tt.name, limit, got)
				}
			case len(got.Extra) != len(whole.Extra) && (tt.glue || len(got.Extra) > 0):
				t.Errorf("%s, limit %d: %d additional records of %d", tt.name, limit, len(got.Extra), len(whole.Extra))
			default:
				zonestest.Compare(t, fmt.Sprintf("%s, limit %d: answer", tt.name, limit), got.Answer, whole.Answer)
				zonestest.Compare(t, fmt.Sprintf("%s, limit %d: authority", tt.name, limit), got.Ns, whole.Ns)
			}
		}
	}
}

// RFC 2181, 5 and RFC 4343: a set has no record twice, and names are the same in any case.
func TestRecordsThatDifferInCaseAloneAreOne(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, map[string]string{"example.org": "$TTL 60\n@ SOA ns.test. h.test. 1 2 3 4 5\n@ NS ns.test.\n@ NS NS.test.\n" +
		"a MX 1 Mail\na MX 1 mail\na MX 2 mail\nb SRV 1 2 3 x.test.\nb SRV 1 2 3 X.test.\nc TXT Text\nc TXT text\n" +
		"d CNAME X.test.\nd CNAME x.test.\ne DNAME X.test.\ne DNAME x.test.\n@ SOA NS.test. H.test. 1 2 3 4 5\nf RP A.test. b.test.\nf RP a.test. B.test.\n" +
		"g NAPTR 1 2 \"Uu\" \"Ss\" \"Rr\" X.test.\ng NAPTR 1 2 \"Uu\" \"Ss\" \"Rr\" x.test.\ng NAPTR 1 2 \"UU\" \"Ss\" \"Rr\" x.test.\nh AFSDB 1 x.test.\nh AFSDB 1 X.test.\n" +
		"i PX 1 a.test. b.test.\ni PX 1 A.test. B.test.\nj HTTPS 1 X.test. alpn=h2\nj HTTPS 1 x.test. alpn=h2\nj HTTPS 1 x.test. alpn=H2\n"})
	for name, want := range map[asked]int{
		{name: "example.org.", typ: dns.TypeNS}: 1, {name: "a.example.org.", typ: dns.TypeMX}: 2,
		{name: "b.example.org.", typ: dns.TypeSRV}: 1, {name: "c.example.org.", typ: dns.TypeTXT}: 2,
		{name: "d.example.org.", typ: dns.TypeCNAME}: 1, {name: "e.example.org.", typ: dns.TypeDNAME}: 1, {name: "example.org.", typ: dns.TypeSOA}: 1,
		{name: "f.example.org.", typ: dns.TypeRP}: 1, {name: "g.example.org.", typ: dns.TypeNAPTR}: 2, {name: "h.example.org.", typ: dns.TypeAFSDB}: 1,
		{name: "i.example.org.", typ: dns.TypePX}: 1, {name: "j.example.org.", typ: dns.TypeHTTPS}: 2,
	} {
		if got, _ := ask(t, f.Store.Current(), name); len(got.Answer) != want {
			t.Errorf("%v: got %v, want %d", name, got.Answer, want)
		}
	}
}
