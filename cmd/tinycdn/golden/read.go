package golden

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"tinycdn/geoip/plainfile"
	"tinycdn/zones/diag"
	"tinycdn/zones/tomlfile"

	"github.com/miekg/dns"
)

// written is a file of tests as TOML.
type written struct {
	Tests []writtenTest `toml:"test"`
}

// writtenTest is one test. Its comments are in the README of the program.
type writtenTest struct {
	From   string   `toml:"from"`
	Name   string   `toml:"name"`
	Type   string   `toml:"type"`
	POP    []string `toml:"pop"`
	Answer []string `toml:"answer"`
	Rcode  string   `toml:"rcode"`
	Scope  *int     `toml:"scope"`
	TTL    *uint32  `toml:"ttl"`

	URL         string            `toml:"url"`
	Status      *int              `toml:"status"`
	Header      map[string]string `toml:"header"`
	Contains    []string          `toml:"contains"`
	Certificate *int              `toml:"certificate"`
}

// Keys are those of a test, by what it is.
var (
	questionKeys = []string{"from", "name", "type", "pop", "answer", "rcode", "scope", "ttl"}
	pageKeys     = []string{"url", "status", "header", "contains", "certificate"}
)

// read reads a file of tests, and finds every mistake in it. Without a file there is no suite, and one problem.
func read(path string, pops POPs) (*Suite, []diag.Problem) {
	data, _, err := plainfile.Read(path, tomlfile.MaxSize)
	if err != nil {
		return nil, []diag.Problem{{File: path, Text: diag.Reason(err)}}
	}
	return parse(path, data, pops)
}

// parse is read of a file's text.
func parse(path string, data []byte, pops POPs) (*Suite, []diag.Problem) {
	var w written
	doc, mistakes := tomlfile.Decode(path, data, &w)
	r := &reader{doc: doc, pops: pops}
	for _, m := range mistakes {
		r.problems = append(r.problems, m.Problem)
	}
	suite := &Suite{Path: path}
	for i := range w.Tests {
		r.keys = []string{"test", fmt.Sprint(i)}
		suite.Tests = append(suite.Tests, r.test(&w.Tests[i]))
	}
	if len(w.Tests) == 0 && len(r.problems) == 0 {
		r.problems = append(r.problems, diag.Problem{File: path, Text: `there is no test in it: write [[test]], and below it name = "www.example.org" and pop = "fra"`})
	}
	slices.SortStableFunc(r.problems, func(a, b diag.Problem) int { return a.Line - b.Line })
	return suite, r.problems
}

// reader makes tests of what is written.
type reader struct {
	doc      *tomlfile.Document
	pops     POPs
	keys     []string // that lead to the test at hand
	problems []diag.Problem
}

func (r *reader) wrong(key, format string, args ...any) {
	keys := r.keys
	if key != "" {
		keys = append(slices.Clone(r.keys), key)
	}
	r.problems = append(r.problems, r.doc.Problem(keys, format, args...))
}

func (r *reader) has(key string) bool { return r.doc.Node(append(slices.Clone(r.keys), key)...) != nil }

// names says whether a text is what stands at a key, or in the list there.
func (r *reader) names(key, text string) bool {
	n := r.doc.Node(append(slices.Clone(r.keys), key)...)
	return n.Value == text || slices.ContainsFunc(n.List, func(one *tomlfile.Node) bool { return one.Value == text })
}

func (r *reader) test(w *writtenTest) *Test {
	t := &Test{Line: r.doc.Line(r.keys...)}
	switch isQuestion, isPage := r.has("name"), r.has("url"); {
	case isQuestion && isPage:
		r.wrong("url", "a test has either a name, for DNS, or a url, for a page: make two of it")
	case isPage:
		r.only(pageKeys, questionKeys, "goes with name, and this is a page")
		r.page(t, w)
	case isQuestion:
		r.only(questionKeys, pageKeys, "goes with url, and this is a question over DNS")
		r.question(t, w)
	default:
		r.wrong("", `wants a name, such as "www.example.org", or a url`)
	}
	return t
}

// only wants none of the keys that belong to tests of the other kind.
func (r *reader) only(_, others []string, why string) {
	for _, key := range others {
		if r.has(key) {
			r.wrong(key, "%s", why)
		}
	}
}

func (r *reader) question(t *Test, w *writtenTest) {
	t.Class, t.Type, t.Rcode = dns.ClassINET, dns.TypeA, dns.RcodeSuccess
	var ok bool
	if t.Name, ok = asTold(w.Name); !ok {
		r.wrong("name", "%q is not a domain name", w.Name)
	}
	if w.Type != "" {
		t.Type = r.typeOf(w.Type)
	}
	if w.From != "" || r.has("from") {
		t.From = r.from(w.From)
	}
	r.rcode(t, w)
	r.popsOf(t, w)
	r.answer(t, w)
	t.TTL = w.TTL
	t.Scope = w.Scope
	switch {
	case w.Scope == nil:
	case !r.has("from"):
		r.wrong("scope", "an answer has a scope only where a subnet is sent: add from")
	case t.From.IsValid() && (*w.Scope < 0 || *w.Scope > t.From.Addr().BitLen()):
		r.wrong("scope", "want 0 to %d, not %d", t.From.Addr().BitLen(), *w.Scope)
	}
	if !slices.ContainsFunc([]string{"pop", "answer", "rcode", "scope", "ttl"}, r.has) {
		r.wrong("", "%s: says nothing that must come: add pop, answer, rcode, scope or ttl", w.Name)
	}
}

// asTold is a name as the library writes one that it has read, in lower case. What is none is the root.
func asTold(name string) (told string, ok bool) {
	var wire [256]byte
	n, err := dns.PackDomainName(strings.ToLower(dns.Fqdn(name)), wire[:], 0, nil, false)
	if err != nil || name == "" {
		return ".", false
	}
	told, _, err = dns.UnpackDomainName(wire[:n], 0)
	return told, err == nil
}

func (r *reader) typeOf(text string) uint16 {
	upper := strings.ToUpper(text)
	if typ, ok := dns.StringToType[upper]; ok {
		return typ
	}
	var number uint16
	if n, err := fmt.Sscanf(upper, "TYPE%d", &number); n == 1 && err == nil && upper == fmt.Sprintf("TYPE%d", number) {
		return number
	}
	r.wrong("type", "%q is not a record type%s", text, diag.DidYouMean(upper, slices.Sorted(maps.Keys(dns.StringToType))))
	return dns.TypeA
}

// from takes an address or a prefix; bits beyond its length are left out, as resolvers leave them out (RFC 7871, 6).
func (r *reader) from(text string) netip.Prefix {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked()
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		r.wrong("from", `%q is neither an address nor a network, such as "81.2.69.0/24"`, text)
		return netip.Prefix{}
	}
	return netip.PrefixFrom(a, a.BitLen())
}

func (r *reader) rcode(t *Test, w *writtenTest) {
	if w.Rcode == "" && !r.has("rcode") {
		return
	}
	upper := strings.ToUpper(w.Rcode)
	code, ok := dns.StringToRcode[upper]
	if !ok {
		r.wrong("rcode", "%q is not an RCODE%s", w.Rcode, diag.DidYouMean(upper, slices.Sorted(maps.Keys(dns.StringToRcode))))
	}
	if t.Rcode = code; code != dns.RcodeSuccess && (len(w.POP) > 0 || len(w.Answer) > 0) {
		r.wrong("rcode", "%s has no answer, and pop or answer wants one", upper)
	}
}

func (r *reader) popsOf(t *Test, w *writtenTest) {
	if len(w.POP) == 0 {
		return
	}
	if t.Type != dns.TypeA && t.Type != dns.TypeAAAA {
		r.wrong("pop", "goes with type A or AAAA: other records have no address")
		return
	}
	for _, name := range w.POP {
		if name == "" && !r.names("pop", name) {
			continue // it could not be read, which is told
		}
		switch addresses, ok := r.pops[name]; {
		case !ok && len(r.pops) == 0:
			r.wrong("pop", "whose addresses those are, tinycdn.toml says in [pops], and there is none: name it with --config FILE")
			return
		case !ok:
			r.wrong("pop", "there is no POP %q%s", name, diag.DidYouMean(name, slices.Sorted(maps.Keys(r.pops))))
		case !slices.ContainsFunc(addresses, func(a netip.Addr) bool { return a.Is4() == (t.Type == dns.TypeA) }):
			r.wrong("pop", "%s has no address of type %s", name, dns.Type(t.Type))
		}
	}
	t.POP = w.POP
}

// answer reads records as zone files have them, with names that are whole.
func (r *reader) answer(t *Test, w *writtenTest) {
	if w.Answer == nil {
		return
	}
	t.Answer = []dns.RR{}
	for i, text := range w.Answer {
		rr, err := record(t.Name, t.Type, text)
		if err != nil {
			keys := append(slices.Clone(r.keys), "answer", fmt.Sprint(i))
			r.problems = append(r.problems, r.doc.Problem(keys, "%q is no data of a record of type %s, such as stands behind the type in a zone file", text, dns.Type(t.Type)))
			continue
		}
		t.Answer = append(t.Answer, rr)
	}
}

// record reads the data of a record. A text without quotes is one string, as in our zone files.
func record(name string, typ uint16, text string) (dns.RR, error) {
	if typ == dns.TypeTXT && !strings.HasPrefix(text, `"`) {
		return &dns.TXT{Hdr: dns.RR_Header{Name: name, Rrtype: typ, Class: dns.ClassINET}, Txt: []string{text}}, nil
	}
	if strings.ContainsAny(text, "\r\n") {
		return nil, fmt.Errorf("more than a line")
	}
	rr, err := dns.NewRR(fmt.Sprintf("%s 0 IN %s %s", name, dns.Type(typ), text))
	if err == nil && rr == nil {
		err = fmt.Errorf("nothing")
	}
	return rr, err
}
