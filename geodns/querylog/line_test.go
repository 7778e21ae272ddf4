package querylog

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestALineSaysWhatWasAskedAndAnswered(t *testing.T) {
	t.Parallel()
	c := aConfig()
	for _, test := range []struct {
		name   string
		typ    uint16
		subnet string
		rcode  int
		addr   string
		change func(r *record)
		want   string
	}{
		{"WWW.example.org.", 1, "81.2.69.0/24", 0, "192.0.2.1", nil,
			`"client":"198.51.100.7","port":5353,"transport":"udp","name":"www.example.org","type":"A","ecs":"81.2.69.0/24","scope":20,"rcode":"NOERROR","pop":"nyc","octets":86,"us":12.5}`},
		{"www.example.org.", 28, "2a02:8100::/48", 0, "", nil,
			`"client":"198.51.100.7","port":5353,"transport":"udp","name":"www.example.org","type":"AAAA","ecs":"2a02:8100::/48","scope":20,"rcode":"NOERROR","octets":58,"us":12.5}`},
		{"x.example.org.", 15, "", 3, "", func(r *record) { r.to, r.client = overTCP, client6 },
			`"client":"2001:db8::7","port":5353,"transport":"tcp","name":"x.example.org","type":"MX","rcode":"NXDOMAIN","octets":31,"us":12.5}`},
		{".", 65400, "", 0, "", func(r *record) { r.reply[2] |= 2 },
			`"client":"198.51.100.7","port":5353,"transport":"udp","name":".","type":"TYPE65400","rcode":"NOERROR","tc":true,"octets":17,"us":12.5}`},
		{"a.example.org.", 1, "", 0, "192.0.2.99", nil,
			`"client":"198.51.100.7","port":5353,"transport":"udp","name":"a.example.org","type":"A","rcode":"NOERROR","octets":60,"us":12.5}`},
		{"a.example.org.", 1, "81.2.69.0/24", 16, "", nil,
			`"client":"198.51.100.7","port":5353,"transport":"udp","name":"a.example.org","type":"A","ecs":"81.2.69.0/24","scope":20,"rcode":"BADVERS","octets":53,"us":12.5}`},
		{"a.example.org.", 1, "", 0, "", func(r *record) { r.reply = nil },
			`"client":"198.51.100.7","port":5353,"transport":"udp","name":"a.example.org","type":"A","rcode":"silence","octets":0,"us":12.5}`},
		{"a.example.org.", 1, "", 0, "", func(r *record) { r.query[12+2+8] = 99 }, // a label that does not end
			`"client":"198.51.100.7","port":5353,"transport":"udp","rcode":"NOERROR","octets":31,"us":12.5}`},
	} {
		query, reply := pack(t, test.name, test.typ, test.subnet, test.rcode, test.addr, 20)
		r := aRecord(query, reply)
		if test.change != nil {
			test.change(r)
		}
		l := lines{config: &c}
		want := `{"time":"2026-03-03T12:00:00.001234Z",` + test.want + "\n"
		if got := string(l.append(nil, r)); got != want {
			t.Errorf("%s:\ngot  %swant %s", test.name, got, want)
		}
	}
}

func TestANameCannotEndItsLineOrItsString(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ wire, want string }{
		{"\x03\r\n\x00\x00", `\013\010\000`},
		{"\x04\"}\n{\x00", `\"}\010{`},
		{"\x03a.b\x02\\c\x00", `a\.b.\\c`},
		{"\x05\x1b[2J\x7f\x00", `\027[2J\127`},
		{"\x03\xe2\x80\xae\x00", `\226\128\174`}, // what turns text round in UTF-8
		{"\x02 ;\x00", `\032\;`},
	} {
		var got string
		line := append(appendName([]byte(`"`), []byte(c.wire)), '"')
		if err := json.Unmarshal(line, &got); err != nil || got != c.want {
			t.Errorf("%q: got %q (%s), want %q, %v", c.wire, got, line, c.want, err)
		}
	}
}

func TestALineAllocatesNothing(t *testing.T) {
	c := aConfig()
	l := lines{config: &c}
	query, reply := pack(t, "www.example.org.", 2, "81.2.69.0/24", 0, "192.0.2.1", 20)
	r, line := aRecord(query, reply), make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { l.append(line, r) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

// FuzzLine puts any octets into a line, and holds the name against what another library reads in the query, and in what JSON gives.
func FuzzLine(f *testing.F) {
	query, reply := pack(f, "www.example.org.", 1, "81.2.69.0/24", 0, "192.0.2.1", 20)
	f.Add(query, reply)
	f.Add([]byte("\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04\"}\n{\x00\x00\x01\x00\x01"), []byte{})
	c := aConfig()
	f.Fuzz(func(t *testing.T, query, reply []byte) {
		l := lines{config: &c}
		line := l.append(nil, aRecord(query, reply))
		var got struct {
			Name   *string
			Rcode  *string
			Octets int
			Ecs    string
		}
		if err := json.Unmarshal(line, &got); err != nil || bytes.Count(line, []byte("\n")) != 1 || got.Rcode == nil || got.Octets != len(reply) {
			t.Fatalf("got %q: %v", line, err)
		}
		for _, char := range string(line[:len(line)-1]) {
			if char < ' ' || char >= 0x7f {
				t.Fatalf("%q is in %q", char, line)
			}
		}
		if got.Name == nil {
			return
		}
		want, _, err := dns.UnpackDomainName(query, 12)
		if err != nil {
			t.Fatalf("%s has a name, which is none for another: %v", line, err)
		}
		var a, b [256]byte
		n, err := dns.PackDomainName(dns.Fqdn(*got.Name), a[:], 0, nil, false)
		m, err2 := dns.PackDomainName(strings.ToLower(want), b[:], 0, nil, false)
		if err != nil || err2 != nil || !bytes.Equal(a[:n], b[:m]) {
			t.Fatalf("got name %q, want %q: %v %v", *got.Name, want, err, err2)
		}
	})
}

func BenchmarkLine(b *testing.B) {
	c := aConfig()
	l := lines{config: &c}
	query, reply := pack(b, "www.example.org.", 1, "81.2.69.0/24", 0, "192.0.2.1", 20)
	r, line := aRecord(query, reply), make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		l.append(line, r)
	}
}
