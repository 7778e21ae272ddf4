package zones_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones"
)

// diffOf compares a zone with what it becomes: both are lines of a master file, but for geo names, "shop 60 GEO world".
func diffOf(t testing.TB, was, is string) zones.Difference {
	t.Helper()
	return zones.Diff(readText(t, was), readText(t, is), 1000)
}

func readText(t testing.TB, text string) *zones.Records {
	t.Helper()
	var master, geo strings.Builder
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) == 4 && f[2] == "GEO" {
			fmt.Fprintf(&geo, "%q = { geo = %q, ttl = %s }\n", f[0], f[3], f[1])
		} else {
			master.WriteString(line)
		}
	}
	dir := t.TempDir()
	toml := "soa = \"include\"\ninclude = \"db\"\n[records]\n" + geo.String()
	for name, text := range map[string]string{"example.toml": toml, "db": master.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r, err := zones.ReadRecords(t.Context(), filepath.Join(dir, "example.toml"), "")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return r
}

func wordsOf(d zones.Difference) (list []string) {
	for _, c := range d.Changes {
		list = append(list, c.String())
	}
	return list
}

func TestChangesOfAZoneInWords(t *testing.T) {
	t.Parallel()
	const head = "$TTL 300\n@ SOA ns h 1 2 3 4 30\n@ NS ns\nns A 192.0.2.53\n"
	for _, c := range []struct{ was, is, want string }{
		{"www A 192.0.2.1", "www 60 A 192.0.2.1", "www: ttl 300 -> 60"},
		{"www A 192.0.2.1\nwww AAAA 2001:db8::1", "www 60 A 192.0.2.1\nwww AAAA 2001:db8::1", "www A: ttl 300 -> 60"},
		{"www A 192.0.2.1\nwww AAAA 2001:db8::1", "www 60 A 192.0.2.1\nwww 60 AAAA 2001:db8::1", "www: ttl 300 -> 60"},
		{"www A 192.0.2.1\nwww A 192.0.2.2", "www A 192.0.2.1\nwww 60 A 192.0.2.2", "www: ttl 300 -> 60"}, // RFC 2181, 5.2
		{"www A 192.0.2.1\nwww AAAA 2001:db8::1\nwww TXT x", "www 60 A 192.0.2.1\nwww 60 AAAA 2001:db8::1\nwww TXT x", "www A: ttl 300 -> 60, www AAAA: ttl 300 -> 60"},
		{"www A 192.0.2.1", "www A 192.0.2.1\nwww AAAA 2001:db8::1", "+ www AAAA 2001:db8::1"},
		{"old A 192.0.2.9", "", "- old A 192.0.2.9"},
		{"www A 192.0.2.1", "www A 192.0.2.2", "www A: 192.0.2.1 -> 192.0.2.2"},
		{"www A 192.0.2.1\nwww A 192.0.2.2", "www A 192.0.2.2\nwww A 192.0.2.3\nwww A 192.0.2.4", "+ www A 192.0.2.3, + www A 192.0.2.4, - www A 192.0.2.1"},
		{"www A 192.0.2.1", "www 60 A 192.0.2.2", "www: ttl 300 -> 60, www A: 192.0.2.1 -> 192.0.2.2"},
		{"www A 192.0.2.1", "www CNAME web", "www: A 192.0.2.1 -> CNAME web.example."},
		{"www CNAME Web", "www CNAME web", ""}, // RFC 4343
		{"www TXT a", "www TXT A", `www TXT: "a" -> "A"`},
		{"*.pages A 192.0.2.1", "*.pages A 192.0.2.2", "*.pages A: 192.0.2.1 -> 192.0.2.2"},
		{"", "* 60 MX 5 mail.test.", "+ * MX 5 mail.test."},
		{"shop 300 GEO world", "shop 300 GEO europe", "geo name shop: map world -> europe"},
		{"shop 300 GEO world\na 300 GEO europe", "a 300 GEO europe\nshop 300 GEO world", ""}, // whatever their numbers
		{"shop 300 GEO world", "shop 60 GEO world", "shop: ttl 300 -> 60"},
		{"shop A 192.0.2.1", "shop 300 GEO world", "shop: A 192.0.2.1 -> geo world"},
		{"a.b TXT 1\na-b TXT 1\nb TXT 1", "", `- a.b TXT "1", - a-b TXT "1", - b TXT "1"`},
		{`x TXT "a\010\127b;\"c"` + "\n" + `e\010sc\.aped A 192.0.2.1`, "", `- e\010sc\.aped A 192.0.2.1, - x TXT "a\010\127b;\"c"`},
		{`x TYPE65400 \# 0`, `x TYPE65400 \# 2 0a1b`, `x TYPE65400: \# 0 -> \# 2 0a1b`},
		{"x TXT " + strings.Repeat("x", 200), "", `- x TXT "` + strings.Repeat("x", 79) + "..."},
		{"www A 192.0.2.1\nx 60 A 192.0.2.1", "x 60 A 192.0.2.1\nwww A 192.0.2.1\nwww A 192.0.2.1", ""},
	} {
		soa := strings.Replace(head, " 1 2", " 2 2", 1) // which is left out where more has changed
		want, is := c.want, head
		if want != "" {
			is = soa
		}
		if got := strings.Join(wordsOf(diffOf(t, head+c.was+"\n", is+c.is+"\n")), ", "); got != want {
			t.Errorf("%q -> %q:\ngot  %s\nwant %s", c.was, c.is, got, want)
		}
	}
}

func TestTheSOAIsToldIfItIsAllThatHasChanged(t *testing.T) {
	t.Parallel()
	const was = "$TTL 300\n@ SOA ns h 1 2 3 4 30\n@ NS ns.test.\n"
	for is, want := range map[string]string{
		was:                                     "",
		strings.Replace(was, "h 1 ", "h 2 ", 1): "@ SOA serial: 1 -> 2",
		strings.Replace(was, "ns h", "NS h", 1): "",
		strings.Replace(was, "@ SOA", "@ 60 SOA", 1):                "@ SOA: ttl 300 -> 60",
		strings.Replace(was, "h 1 2", "h 2 3", 1):                   "@ SOA: ns.example. h.example. 1 2 3 4 30 -> ns.example. h.example. 2 3 3 4 30",
		strings.Replace(was, "h 1 ", "h 2 ", 1) + "a A 192.0.2.1\n": "+ a A 192.0.2.1",
	} {
		if got := strings.Join(wordsOf(diffOf(t, was, is)), ", "); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", is, got, want)
		}
	}
}

func TestOnlyTheFirstChangesAreKept(t *testing.T) {
	t.Parallel()
	const head = "$TTL 300\n@ SOA ns h 1 2 3 4 30\n@ NS ns.test.\n"
	was, is := readText(t, head+"$GENERATE 1-500 h$ A 192.0.2.1\n"), readText(t, head+"$GENERATE 1-500 h$ A 192.0.2.2\n")
	d := zones.Diff(was, is, 2)
	if got, want := fmt.Sprint(wordsOf(d), d.More, *d.Was, *d.Is), "[h1 A: 192.0.2.1 -> 192.0.2.2 h10 A: 192.0.2.1 -> 192.0.2.2] 498 502 502"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if d := zones.Diff(nil, is, 2); d.Was != nil || *d.Is != 502 || len(d.Changes) > 0 {
		t.Errorf("of a new zone: %+v", d)
	}
	if d := zones.Diff(was, nil, 2); d.Is != nil || *d.Was != 502 || len(d.Changes) > 0 {
		t.Errorf("of a zone that is gone: %+v", d)
	}
}

func TestAZoneWithMistakesIsNotCompared(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "example")
	for text, want := range map[string]string{
		"@ SOA ns h 1 2 3 4 30\n@ A 192.0.2.256\n": path + ":2: ",
		"\x00\x01\xab binary":                      path + ":1: ",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if r, err := zones.ReadRecords(t.Context(), path, ""); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %+v and %v, want %s...", text, r, err, want)
		}
	}
}

// plainDiff is the obvious twin of Diff: both zones as the DNS library reads them, as lists of texts.
func plainDiff(t testing.TB, was, is string) (list []string) {
	t.Helper()
	type key struct{ name, typ string }
	type set struct {
		ttl  uint32
		data []string
	}
	read := func(text string) map[key]*set {
		all := map[key]*set{}
		add := func(name, typ, data string, ttl uint32) {
			k := key{strings.ToLower(name), typ}
			if all[k] == nil {
				all[k] = &set{ttl: ttl}
			}
			all[k].ttl = min(all[k].ttl, ttl)
			if !slices.Contains(all[k].data, data) {
				all[k].data = append(all[k].data, data)
			}
		}
		var master strings.Builder
		for line := range strings.Lines(text) {
			if f := strings.Fields(line); len(f) == 4 && f[2] == "GEO" {
				ttl, _ := strconv.ParseUint(f[1], 10, 32)
				add(f[0]+".example.", "geo", f[3], uint32(ttl))
			} else {
				master.WriteString(line)
			}
		}
		p := dns.NewZoneParser(strings.NewReader(master.String()), "example.", "")
		for rr, ok := p.Next(); ok; rr, ok = p.Next() {
			if h := rr.Header(); h.Rrtype != dns.TypeSOA {
				add(h.Name, dns.TypeToString[h.Rrtype], strings.TrimPrefix(rr.String(), h.String()), h.Ttl)
			}
		}
		return all
	}
	before, after := read(was), read(is)
	for k, s := range after {
		old := before[k]
		if old != nil && old.ttl != s.ttl {
			list = append(list, fmt.Sprintf("%s %s ttl %d %d", k.name, k.typ, old.ttl, s.ttl))
		}
		for _, data := range s.data {
			if old == nil || !slices.Contains(old.data, data) {
				list = append(list, fmt.Sprintf("+ %s %s %s", k.name, k.typ, data))
			}
		}
	}
	for k, s := range before {
		for _, data := range s.data {
			if after[k] == nil || !slices.Contains(after[k].data, data) {
				list = append(list, fmt.Sprintf("- %s %s %s", k.name, k.typ, data))
			}
		}
	}
	slices.Sort(list)
	return list
}

// takenApart are changes as plainDiff tells them. The TTL that several types of a name have in common is told by each.
func takenApart(d zones.Difference, plain []string) (list []string) {
	for _, c := range d.Changes {
		name := c.Name + ".example."
		if c.Name == "@" {
			name = "example."
		}
		was := c.Type
		if c.WasType != "" {
			was = c.WasType
		}
		switch {
		case c.TTL != nil && c.Type == "":
			same := 0
			for _, line := range plain {
				if f := strings.Fields(line); f[0] == name && strings.HasSuffix(line, fmt.Sprintf(" ttl %d %d", c.TTL.Was, c.TTL.Is)) {
					list = append(list, line)
					same++
				}
			}
			if same < 2 {
				list = append(list, "a TTL of "+name+" in common")
			}
		case c.TTL != nil:
			list = append(list, fmt.Sprintf("%s %s ttl %d %d", name, c.Type, c.TTL.Was, c.TTL.Is))
		}
		if c.Was != "" {
			list = append(list, fmt.Sprintf("- %s %s %s", name, was, c.Was))
		}
		if c.Is != "" {
			list = append(list, fmt.Sprintf("+ %s %s %s", name, c.Type, c.Is))
		}
	}
	slices.Sort(list)
	return list
}

func TestRandomZonesDifferAsTheirPlainListsDo(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 3))
		lines := func() string {
			var b strings.Builder
			b.WriteString("$TTL 300\n@ SOA ns.test. h.test. 1 2 3 4 30\n")
			for range r.IntN(8) {
				name := []string{"@", "a", "*", "b.a", "*.a"}[r.IntN(5)]
				ttl := []int{300, 300, 60}[r.IntN(3)]
				switch data := 1 + r.IntN(3); r.IntN(5) {
				case 0:
					fmt.Fprintf(&b, "%s %d AAAA 2001:db8::%d\n", name, ttl, data)
				case 1:
					fmt.Fprintf(&b, "%s %d MX %d m.test.\n", name, ttl, data)
				case 2:
					fmt.Fprintf(&b, "%s %d TXT \"%d\"\n", name, ttl, data)
				default:
					fmt.Fprintf(&b, "%s %d A 192.0.2.%d\n", name, ttl, data)
				}
			}
			if r.IntN(2) == 0 {
				fmt.Fprintf(&b, "g %d GEO %s\n", 60+r.IntN(2), []string{"world", "europe"}[r.IntN(2)])
			}
			return b.String()
		}
		was, is := lines(), lines()
		want := plainDiff(t, was, is)
		if got := takenApart(diffOf(t, was, is), want); !slices.Equal(got, want) {
			t.Errorf("seed %d:\n%s->\n%sgot  %q\nwant %q", seed, was, is, got, want)
		}
	}
}
