package zones_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/miekg/dns"

	"tinycdn/zones"
	"tinycdn/zones/sign"
	"tinycdn/zones/zonefile"
	"tinycdn/zones/zonestest"
)

// sections are the records of a reply, in any order.
func sections(m *dns.Msg) (all [3][]string) {
	for i, section := range [][]dns.RR{m.Answer, m.Ns} {
		for _, rr := range section {
			all[i] = append(all[i], rr.String())
		}
		slices.Sort(all[i])
	}
	all[2] = []string{fmt.Sprint(m.Rcode, m.Authoritative, m.Truncated)}
	return all
}

// layAndCompare lays texts over a zone that is signed here, and holds every answer against the keys, and against those of a zone that has the
// texts in its file. It says whether they could be there.
func layAndCompare(t *testing.T, master string, texts []string, names []string) bool {
	t.Helper()
	keys, v := keysFor(t, "example")
	loader := zones.Loader{Maps: []string{"site", "two", "six"}, Signing: zones.Signing{Keys: keys, Families: zones.FamiliesOf(zonestest.Maps(t)), Cache: new(sign.Cache)}}
	var records []zonefile.Record
	with := master
	for i, name := range texts {
		owner, err := zones.Name(name)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, zones.Text(owner, 60, fmt.Sprint("text ", i)))
		with += fmt.Sprintf("%s 60 TXT \"text %d\"\n", name, i)
	}
	want := loader.Load(writeHere(t, t.TempDir(), "example", with), "")
	under := loader.Load(writeHere(t, t.TempDir(), "example", master), "")
	if want.Value == nil || under.Value == nil {
		return false // such records cannot be there
	}
	laid, file := zones.NewStore(), zones.NewStore()
	err := laid.Update(func(d *zones.Draft) error {
		d.SetMaps(zonestest.Maps(t))
		d.SetZone(under.Value)
		return d.SetOverlay(under.Apex, records)
	})
	if err != nil {
		return false // nor by us
	}
	if err := file.Update(func(d *zones.Draft) error { d.SetMaps(zonestest.Maps(t)); d.SetZone(want.Value); return nil }); err != nil {
		t.Fatal(err)
	}
	validateAll(t, laid.Current(), v, append(names, texts...))
	for _, name := range append(names, texts...) {
		for _, typ := range []uint16{dns.TypeTXT, dns.TypeA, dns.TypeMX, dns.TypeNSEC, dns.TypeDS} {
			got, _ := ask(t, laid.Current(), asked{name: name, typ: typ, do: true})
			wanted, _ := ask(t, file.Current(), asked{name: name, typ: typ, do: true})
			if fmt.Sprint(sections(got)) != fmt.Sprint(sections(wanted)) {
				t.Errorf("%s %s: got %v\nwant %v", name, dns.Type(typ), got, wanted)
			}
		}
	}
	if t.Failed() {
		t.Logf("%s and %q", master, texts)
	}
	// And away again.
	if err := laid.Update(func(d *zones.Draft) error { return d.SetOverlay(under.Apex, nil) }); err != nil {
		t.Fatal(err)
	}
	validateAll(t, laid.Current(), v, texts)
	return true
}

// TestProofsOfNamesAreSignedLikeTheRest: what is laid over a zone for certificates, wherever it falls in the chain.
func TestProofsOfNamesAreSignedLikeTheRest(t *testing.T) {
	t.Parallel()
	names := append(proofNames(), "_acme-challenge.example.", "x._acme-challenge.example.", "_acme-challenge.geo.example.", "_acme.example.", "_b.example.")
	for _, texts := range [][]string{
		{"_acme-challenge.example."},
		{"_acme-challenge.www.example.", "_acme-challenge.www.example."}, // below a CNAME
		{"_acme-challenge.geo.example.", "_acme-challenge.example.", "_acme-challenge.mail.example."},
		{"a.b.c.d.new.example.", "d.new.example."},
		{"example."},
		{"ent.example."},
		{"suc.example.", "sub1.example.", "secx.example."}, // behind delegations
		{"!.mail.example.", "0.example.", "wilde.example.", "zzz.example."},
	} {
		if !layAndCompare(t, everyProof+"geo 300 GEO\n", texts, names) {
			t.Errorf("%q cannot be laid", texts)
		}
	}
}

// FuzzProofsOfNames lays texts over random zones.
func FuzzProofsOfNames(f *testing.F) {
	for seed := range uint64(12) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 4))
		master := randomZone(r, "example")
		if _, problems := zonestest.New(t, map[string]string{"example": master}); len(problems) > 0 {
			return
		}
		var texts []string
		for range 1 + r.IntN(3) {
			name := "example."
			for range r.IntN(4) {
				name = string("abc_!z"[r.IntN(6)]) + "." + name
			}
			texts = append(texts, name)
		}
		layAndCompare(t, master, texts, fewLabels("example"))
	})
}
