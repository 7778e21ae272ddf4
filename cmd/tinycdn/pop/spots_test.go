package pop

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// TestWhereOtherPOPsAreLookedAt: at their addresses, over the families that this one has, at the ports that visitors come to.
func TestWhereOtherPOPsAreLookedAt(t *testing.T) {
	t.Parallel()
	const pops = "\n[pops.nyc]\naddresses = ['192.0.2.1', '2001:db8::1']\nlocation = [0, 0]\n" +
		"[pops.fra]\naddresses = ['192.0.2.2', '192.0.2.3', '2001:db8::2']\nlocation = [1, 1]\n" +
		"[pops.syd]\naddresses = ['192.0.2.4']\nlocation = [2, 2]\n"
	const site = "[sites.a]\nhosts = ['*', 'a.example.org', 'b.example.org']\nroot = 'public'\n"
	const zone = "zones = ['a.zone']\n"
	for _, test := range []struct{ name, pop, text, want string }{
		{"as most have it", "nyc", zone + pops + site,
			"http://a.example.org/.well-known/tinycdn/health: {fra pages over IPv4}[192.0.2.2:80 192.0.2.3:80] {fra DNS over IPv4}[192.0.2.2:53 192.0.2.3:53] " +
				"{fra pages over IPv6}[[2001:db8::2]:80] {fra DNS over IPv6}[[2001:db8::2]:53] {syd pages over IPv4}[192.0.2.4:80] {syd DNS over IPv4}[192.0.2.4:53]"},
		{"without IPv6", "syd", zone + pops + site,
			"http://a.example.org/.well-known/tinycdn/health: {nyc pages over IPv4}[192.0.2.1:80] {nyc DNS over IPv4}[192.0.2.1:53] " +
				"{fra pages over IPv4}[192.0.2.2:80 192.0.2.3:80] {fra DNS over IPv4}[192.0.2.2:53 192.0.2.3:53]"},
		{"without zones, at other ports", "syd", "web.listen = ['pop:8080', '127.0.0.1:8081']" + pops + site,
			"http://a.example.org/.well-known/tinycdn/health: {nyc pages over IPv4}[192.0.2.1:8080] {fra pages over IPv4}[192.0.2.2:8080 192.0.2.3:8080]"},
		{"without sites", "syd", zone + "dns.listen = 'pop:5353'" + pops,
			"none: {nyc DNS over IPv4}[192.0.2.1:5353] {fra DNS over IPv4}[192.0.2.2:5353 192.0.2.3:5353]"},
		{"with another's pages", "syd", "health.page = 'https://www.example.net/up'" + pops,
			"https://www.example.net/up: {nyc pages over IPv4}[192.0.2.1:443] {fra pages over IPv4}[192.0.2.2:443 192.0.2.3:443]"},
		{"by a list for this POP alone", "syd", "dns.listen = '192.0.2.4:5353'\n" + zone + pops,
			"none: {nyc DNS over IPv4}[192.0.2.1:5353] {fra DNS over IPv4}[192.0.2.2:5353 192.0.2.3:5353]"},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{"tinycdn.toml": test.text, "a.zone": "$ORIGIN example.org.\n@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.1\n", "public/index.html": "one"} {
			path := filepath.Join(dir, name)
			os.MkdirAll(filepath.Dir(path), 0o700)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		g := Load(filepath.Join(dir, "tinycdn.toml"), nil, Options{POP: test.pop})
		if err := g.Err(); err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		p := New(test.pop, g.Config, nil)
		got := "none:"
		if page := g.checkedPage(); page != nil {
			got = page.String() + ":"
		}
		for _, s := range p.spots(g) {
			got += fmt.Sprintf(" %v%v", s.Target, s.Addrs)
			if s.Timeout == 0 || (s.Page == nil) == (s.Zone == nil) {
				t.Errorf("%s: got %+v", test.name, s)
			}
		}
		if got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, test.want)
		}
	}
}
