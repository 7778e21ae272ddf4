package zones_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tinycdn/zones"
	"tinycdn/zones/steer"
	"tinycdn/zones/zonestest"
)

func TestASoundZoneIsVerified(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	for path, l := range f.Loaded {
		if problems := f.Store.Current().Verify(l.Value, path, "", l.Files); len(problems) > 0 {
			t.Errorf("%s: %v", path, problems)
		}
	}
}

func TestRandomZonesAreVerified(t *testing.T) {
	t.Parallel()
	f, _ := zonestest.New(t, nil)
	f.SetMaps(t, zonestest.Maps(t))
	verified := 0
	for seed := range uint64(100) {
		text := randomZone(rand.New(rand.NewPCG(seed, 2)), "example")
		f.Load(t, map[string]string{"example": text})
		for path, l := range f.Loaded {
			verified++
			if problems := f.Store.Current().Verify(l.Value, path, "", l.Files); len(problems) > 0 {
				t.Errorf("%v\n%s", problems, text)
			}
		}
	}
	if verified < 30 {
		t.Errorf("only %d zones were verified", verified)
	}
}

// oddities are what zones may hold and seldom do. Each stands where it is alone, but for the names that lead to it.
var oddities = []string{
	"* A 192.0.2.1\n* TXT \"at the apex\"\n",
	"deep.under.*.star A 192.0.2.1\n*.star MX 5 x.star\n",
	"*.ent.star2 A 192.0.2.1\na.*.star2 A 192.0.2.2\n",
	"twice MX 5 Mail.twice\ntwice MX 5 mail.TWICE\nmail.twice A 192.0.2.3\n",
	"cut NS Ns.cut\ncut NS ns.Cut\ncut NS cut\ncut A 192.0.2.4\nns.cut AAAA 2001:db8::1\nbelow.cut NS ns.below.cut\nns.below.cut A 192.0.2.5\n",
	"cut2 NS ns.cut\ncut2 30 DS 1 8 1 da39a3ee5e6b4b0d3255bfef95601890afd80709\ncut2 DS 2 8 1 da39a3ee5e6b4b0d3255bfef95601890afd80709\ncut2 TXT hidden\n",
	"ttls 9 A 192.0.2.6\nttls 3 A 192.0.2.7\nttls 5 A 192.0.2.6\nttls 4 CAA 0 issue x\n",
	"self CNAME self\nloop CNAME x.loop\n*.loop CNAME y.loop\n*.own CNAME own\nown CNAME z.own\n",
	`esc\.aped\032\000\255\"\;\@.x A 192.0.2.8` + "\n" + `UPPER\065 PTR Esc\.aped\032\000\255.x` + "\n" + `toesc CNAME esc\.aped\032\000\255\"\;\@.x` + "\n",
	`odd TYPE65400 \# 0` + "\n" + `odd TYPE65535 \# 3 010203` + "\n" + `odd TYPE1 \# 4 C0000201` + "\n*.odd TYPE65535 \\# 1 00\n",
	"apl APL 1:192.0.2.0/24 !2:2001:db8::/32\nnaptr NAPTR 1 2 \"\" \"\" \"\" Replace.naptr\nhinfo HINFO \"\" \"\"\n",
	"svc SRV 1 2 3 Mail.twice\nsvc SRV 1 2 3 mail.twice\nsvc HTTPS 1 . alpn=h2\nsvc NULL \\# 0\nsvc LOC 1 N 1 E 1m\n",
	"dn DNAME elsewhere.test.\ndn TXT beside\ndn2 DNAME Dn.example.\ndnself DNAME dnself\n*.dnstar DNAME dn\n",
	"a.b.c.d.e.f A 192.0.2.9\nc.d.e.f DS 1 8 1 da39a3ee5e6b4b0d3255bfef95601890afd80709\nf NS f2.f3.test.\n",
	"geo 9 GEO two\n*.geo 8 GEO site\nsix 9 GEO six\nx.geo TXT none\ntogeo CNAME geo\n*.geo TXT beside\n",
	strings.Repeat("l", 63) + "." + strings.Repeat("m", 63) + "." + strings.Repeat("n", 63) + "." + strings.Repeat("o", 53) + " A 192.0.2.1\n",
	"*." + strings.Repeat("l", 63) + "." + strings.Repeat("m", 63) + "." + strings.Repeat("n", 63) + "." + strings.Repeat("o", 45) + " A 192.0.2.1\n",
	"key KEY 256 3 8 AQ==\nkey CNAME mail.twice\ncds CDS 0 0 0 00\nds DS 1 8 1 da39a3ee5e6b4b0d3255bfef95601890afd80709\nds A 192.0.2.1\n",
	"@ DNAME target.test.\n",
	"@ MX 1 Example.\n@ NS nS.test.\n@ TXT a\n@ DS 1 8 1 da39a3ee5e6b4b0d3255bfef95601890afd80709\n",
}

// A check that cries wolf is worse than none: whatever loads is verified without a word.
func TestOddZonesAreVerified(t *testing.T) {
	t.Parallel()
	f, _ := zonestest.New(t, nil)
	f.SetMaps(t, zonestest.Maps(t))
	verified := map[string]bool{}
	verify := func(odd ...string) {
		text := "$TTL 60\n@ SOA Ns.test. h.test. 1 2 3 4 30\n@ 70 SOA Ns.test. h.test. 1 2 3 4 30\n@ NS ns.test.\n" + strings.Join(odd, "")
		f.Load(t, map[string]string{"example": text})
		for path, l := range f.Loaded {
			for _, part := range odd {
				verified[part] = true
			}
			if problems := f.Store.Current().Verify(l.Value, path, "", l.Files); len(problems) > 0 {
				t.Errorf("%v\n%s", problems, text)
			}
		}
	}
	for _, odd := range oddities {
		verify(odd)
	}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 3))
		odd := slices.Clone(oddities[:len(oddities)-2])
		r.Shuffle(len(odd), func(i, j int) { odd[i], odd[j] = odd[j], odd[i] })
		verify(odd[:1+r.IntN(6)]...)
	}
	for _, odd := range oddities {
		if !verified[odd] {
			t.Errorf("never loaded: %s", odd)
		}
	}
}

// The DNS library reads no such APL: an answer must be read without its help.
func TestDataThatTheLibraryRefusesIsVerified(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "example.org.zone")
	text := "@ 60 SOA ns.test. h.test. 1 2 3 4 5\n@ 60 NS ns.test.\n@ 60 APL 1:192.0.2.1/24 !2:2001:db8::1/32\n@ 60 APL\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l := zones.Load(path, "", nil)
	if problems := zones.NewStore().Current().Verify(l.Value, path, "", l.Files); len(problems) > 0 {
		t.Error(problems)
	}
}

// Anycast: two POPs of an answer have the same address.
func TestPOPsThatShareAnAddressAreVerified(t *testing.T) {
	t.Parallel()
	m := *zonestest.Maps(t)[1]
	m.POPs = slices.Clone(m.POPs)
	for i := range m.POPs {
		m.POPs[i].Addresses = m.POPs[0].Addresses
	}
	f, _ := zonestest.New(t, nil)
	f.SetMaps(t, []*steer.Map{&m})
	f.Load(t, map[string]string{"example.org": "$TTL 60\n@ SOA ns.test. h.test. 1 2 3 4 5\n@ NS ns.test.\n@ 9 GEO two\n"})
	for path, l := range f.Loaded {
		if problems := f.Store.Current().Verify(l.Value, path, "", l.Files); len(problems) > 0 {
			t.Error(problems)
		}
	}
}

func TestAZoneWhoseFileHasChangedIsNotVerified(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "example.org.zone")
	for i := range 2 {
		text := fmt.Sprintf("@ 60 SOA ns.test. h.test. %d 2 3 4 5\n@ 60 NS ns.test.\n", i)
		if err := os.WriteFile(path, []byte(text+strings.Repeat(";", i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := zones.Load(path, "", nil)
	if problems := zones.NewStore().Current().Verify(l.Value, path, "", l.Files); len(problems) > 0 {
		t.Fatal(problems)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	problems := zones.NewStore().Current().Verify(l.Value, path, "", l.Files)
	if len(problems) != 1 || !strings.Contains(problems[0].Text, "has changed") {
		t.Errorf("got %v", problems)
	}
}
