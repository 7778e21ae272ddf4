package golden

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func threePOPs() POPs {
	return POPs{
		"nyc": {netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")},
		"fra": {netip.MustParseAddr("192.0.2.2")},
		"syd": {netip.MustParseAddr("192.0.2.3"), netip.MustParseAddr("2001:db8::3")},
	}
}

func TestEveryMistakeInAFileOfTestsIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"", `x: there is no test in it: write [[test]], and below it name = "www.example.org" and pop = "fra"`},
		{"[test]", "x:1: test: want a list, not a table"},
		{"[[tset]]\nname = 'a'", `x:1: unknown key "tset" (did you mean "test"?)`},
		{"[[test]]", `x:1: test: wants a name, such as "www.example.org", or a url`},
		{"[[test]]\nname = 'a'", "x:1: test: a: says nothing that must come: add pop, answer, rcode, scope or ttl"},
		{"[[test]]\nname = 'a..b'\nttl = 1", `x:2: test.name: "a..b" is not a domain name`},
		{"[[test]]\nname = ''\nttl = 1", `x:2: test.name: "" is not a domain name`},
		{"[[test]]\nname = 'a'\nttl = -1", "x:3: test.ttl: -1 is out of range"},
		{"[[test]]\nname = 'a'\ntype = 'AAA'\nttl = 1", `x:3: test.type: "AAA" is not a record type (did you mean "AAAA"?)`},
		{"[[test]]\nname = 'a'\ntype = 'TYPE70000'\nttl = 1", `x:3: test.type: "TYPE70000" is not a record type`},
		{"[[test]]\nname = 'a'\nfrom = ''\nttl = 1", `x:3: test.from: "" is neither an address nor a network, such as "81.2.69.0/24"`},
		{"[[test]]\nname = 'a'\nfrom = 'fe80::1%eth0'\nttl = 1", `x:3: test.from: "fe80::1%eth0" is neither an address nor a network, such as "81.2.69.0/24"`},
		{"[[test]]\nname = 'a'\npop = 'frb'", `x:3: test.pop: there is no POP "frb" (did you mean "fra"?)`},
		{"[[test]]\nname = 'a'\nttl = 1\npop = ['fra', 1]", "x:4: test.pop: want a string, not a whole number"},
		{"[[test]]\nname = 'a'\ntype = 'AAAA'\npop = 'fra'", "x:4: test.pop: fra has no address of type AAAA"},
		{"[[test]]\nname = 'a'\ntype = 'MX'\npop = 'fra'", "x:4: test.pop: goes with type A or AAAA: other records have no address"},
		{"[[test]]\nname = 'a'\nanswer = ['192.0.2.1',\n'192.0.2']", `x:4: test.answer: "192.0.2" is no data of a record of type A, such as stands behind the type in a zone file`},
		{"[[test]]\nname = 'a'\nanswer = \"192.0.2.1\\n$INCLUDE /etc/passwd\"", `x:3: test.answer: "192.0.2.1\n$INCLUDE /etc/passwd" is no data of a record of type A, such as stands behind the type in a zone file`},
		{"[[test]]\nname = 'a'\nrcode = 'NXDOMIAN'", `x:3: test.rcode: "NXDOMIAN" is not an RCODE (did you mean "NXDOMAIN"?)`},
		{"[[test]]\nname = 'a'\nrcode = 'NXDOMAIN'\npop = 'fra'", "x:3: test.rcode: NXDOMAIN has no answer, and pop or answer wants one"},
		{"[[test]]\nname = 'a'\nscope = 1", "x:3: test.scope: an answer has a scope only where a subnet is sent: add from"},
		{"[[test]]\nname = 'a'\nfrom = '::/0'\nscope = 129", "x:4: test.scope: want 0 to 128, not 129"},
		{"[[test]]\nname = 'a'\nttl = 1\nstatus = 200", "x:4: test.status: goes with url, and this is a question over DNS"},
		{"[[test]]\nurl = 'http://a/'\nttl = 1", "x:3: test.ttl: goes with name, and this is a page"},
		{"[[test]]\nurl = 'http://a/'\nname = 'a'", "x:2: test.url: a test has either a name, for DNS, or a url, for a page: make two of it"},
		{"[[test]]\nurl = 'a/b'", `x:2: test.url: "a/b" is not the address of a page, such as "https://www.example.org/"`},
		{"[[test]]\nurl = 'http://u:p@a/'", "x:2: test.url: a password has no place in a file of tests"},
		{"[[test]]\nurl = 'http://a/'\nstatus = 1000", "x:3: test.status: 1000 is not a status of a page, such as 200"},
		{"[[test]]\nurl = 'http://a/'\ncertificate = 1", "x:3: test.certificate: a page over http has none: write https:// in url"},
		{"[[test]]\nurl = 'https://a/'\ncertificate = -1", "x:3: test.certificate: want how many days it must hold yet, not -1"},
		{"[[test]]\nurl = 'http://a/'\nheader = { 'etag:' = 'x' }", `x:3: test.header: "etag:" is not the name of a header (did you mean "ETag"?)`},
		{"[[test]]\nurl = 'http://a/'\nheader = { etag = 1 }", "x:3: test.header.etag: want a string, not a whole number"},
	} {
		_, problems := parse("x", []byte(c.text), threePOPs())
		var got []string
		for _, p := range problems {
			got = append(got, p.String())
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%q:\ngot  %s\nwant %s", c.text, strings.Join(got, "\n     "), c.want)
		}
	}
	_, problems := parse("x", []byte("[[test]]\nname = 'a'\npop = 'fra'"), nil)
	if len(problems) != 1 || problems[0].String() != "x:3: test.pop: whose addresses those are, tinycdn.toml says in [pops], and there is none: name it with --config FILE" {
		t.Errorf("got %v", problems)
	}
}

// What an answer is held to. The reply is what www.example.org has: an alias, two addresses, a scope of 16.
func TestAnAnswerIsHeldToWhatMustCome(t *testing.T) {
	t.Parallel()
	reply := new(dns.Msg).SetQuestion("www.example.org.", dns.TypeA)
	for _, text := range []string{"www.example.org. 300 IN CNAME Web.example.org.", "Web.example.org. 60 IN A 192.0.2.2", "Web.example.org. 60 IN A 192.0.2.1"} {
		rr, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		reply.Answer = append(reply.Answer, rr)
	}
	reply.SetEdns0(1232, false)
	reply.IsEdns0().Option = []dns.EDNS0{&dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, SourceScope: 16, Address: []byte{192, 0, 2, 0}}}
	for _, c := range []struct{ must, want, got string }{
		{"pop = ['nyc', 'fra']\nttl = 60\nscope = 16\nanswer = ['192.0.2.1', '192.0.2.2']\nrcode = 'NOERROR'", "", ""},
		{"pop = 'fra'", "pop fra", "fra (192.0.2.2), nyc (192.0.2.1)"},
		{"pop = ['nyc', 'fra', 'syd']", "pop nyc, fra, syd", "fra (192.0.2.2), nyc (192.0.2.1)"},
		{"answer = '192.0.2.1'", "192.0.2.1", "192.0.2.1, 192.0.2.2"},
		{"answer = ['192.0.2.1', '192.0.2.1']", "192.0.2.1, 192.0.2.1", "192.0.2.1, 192.0.2.2"},
		{"answer = []", "no record", "192.0.2.1, 192.0.2.2"},
		{"type = 'CNAME'\nanswer = 'web.EXAMPLE.org'\nttl = 300", "", ""},
		{"type = 'CNAME'\nanswer = 'web.example.net'", "web.example.net.", "Web.example.org."},
		{"type = 'AAAA'\nanswer = []", "", ""},
		{"type = 'AAAA'\npop = 'nyc'", "pop nyc", "no address"},
		{"type = 'AAAA'\nttl = 60", "ttl 60", "no record"},
		{"ttl = 61\nscope = 17", "ttl 61; scope 17", "ttl 60; scope 16"},
		{"rcode = 'NXDOMAIN'\nttl = 1", "NXDOMAIN", "NOERROR"},
	} {
		suite, problems := parse("x", []byte("[[test]]\nname = 'www.example.org'\nfrom = '192.0.2.0/24'\n"+c.must), threePOPs())
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		d := suite.Tests[0].hold(reply, threePOPs())
		if got := []string{joined(d.want), joined(d.got)}; !reflect.DeepEqual(got, []string{c.want, c.got}) {
			t.Errorf("%s: got %q, want %q", c.must, got, []string{c.want, c.got})
		}
	}
	txt, _ := record("a.", dns.TypeTXT, "v=spf1 -all")
	pieces, _ := dns.NewRR(`b. 5 IN TXT "v=spf1" " -all"`)
	if !sameRecords([]dns.RR{txt}, []dns.RR{pieces}) {
		t.Error("a text is the same in pieces")
	}
	reply.Extra = nil
	if got := (&Test{Question: Question{Type: dns.TypeA}, Scope: new(int)}).hold(reply, nil); joined(got.got) != "no client subnet, so no scope" {
		t.Errorf("got %v", got)
	}
}

// FuzzParse wants a mistake, or a test that can be put, and no panic.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"[[test]]\nname = 'www.example.org'\nfrom = '134.157.0.0/24'\npop = 'fra'\nscope = 16", "[[test]]\nname = \"\\u0000\"\ntype = 'TXT'\nanswer = ['\"a\" \"b\"', 'a b']",
		"[[test]]\nname = '.'\ntype = 'TYPE65400'\nanswer = '\\# 4 0A000001'", "[[test]]\nurl = 'https://[::1%25x]:1/?'\nheader = { a = '*' }", "[[test]]\nname = 'a\\.b'\nfrom = '::ffff:1.2.3.4/100'\nrcode = 'BADSIG'",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		suite, problems := parse("x", []byte(text), threePOPs())
		for _, p := range problems {
			if p.File != "x" || p.Text == "" {
				t.Errorf("%+v", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		for _, test := range suite.Tests {
			if test.Page != nil {
				_ = test.Page.curl(netip.MustParseAddr("::1"))
				continue
			}
			s := newStream("udp", netip.MustParseAddrPort("192.0.2.1:53"))
			if _, err := s.message(&asked{Question: test.Question}).Pack(); err != nil {
				t.Errorf("%s: %v", test, err)
			}
			_ = dig(test.Question, s.address, "udp")
		}
	})
}
