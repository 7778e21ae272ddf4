package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestSettingsThatDifferAreToldByTheirKeys(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ was, is, want string }{
		{twoPOPs, "# comment\n" + twoPOPs, ""},
		{twoPOPs, strings.Replace(twoPOPs, "addresses = '192.0.2.2'", "addresses = '192.0.2.9'", 1), `pops.fra.addresses: "192.0.2.2" -> "192.0.2.9"`},
		{twoPOPs, strings.Replace(twoPOPs, "'2001:db8::1'", "'2001:db8::2'", 1), `pops.nyc.addresses: ["192.0.2.1", "2001:db8::1"] -> ["192.0.2.1", "2001:db8::2"]`},
		{twoPOPs, twoPOPs + "[pops.syd]\naddresses = '192.0.2.3'\nlocation = [1, 2]\n", "+ pops.syd"},
		{twoPOPs + oneMap, twoPOPs, "- maps"},
		{twoPOPs + oneMap, twoPOPs + strings.Replace(oneMap, "nyc", "fra", 1), `maps.site.default: "nyc" -> "fra"`},
		{twoPOPs + oneMap + "[maps.site.countries]\nFR = 'fra'\n", twoPOPs + oneMap + "[maps.site.countries]\nFR = 'nyc'\n'GB' = 'fra'\n", `maps.site.countries.FR: "fra" -> "nyc", + maps.site.countries.GB = "fra"`},
		{twoPOPs, twoPOPs[strings.Index(twoPOPs, "[pops.fra]"):] + twoPOPs[:strings.Index(twoPOPs, "[pops.fra]")], "pops: nyc, fra -> fra, nyc"},
		{"[dns]\nnsid = 'a'", "[dns]\nnsid = \"b\\n\"", `dns.nsid: "a" -> "b\n"`},
		{"[sites.\"example.org\"]\nroot = 'a'\n", "[sites.\"example.org\"]\nroot = 'b'\n", `sites."example.org".root: "a" -> "b"`},
		{"zones = ['a']", "zones = ['a', { origin = 'b', file = 'c' }]", `zones: ["a"] -> ["a", { file = "c", origin = "b" }]`},
		{"zones = [{ origin = 'b', file = 'c' }]", "zones = [{ origin = 'b', file = 'd' }]", `zones.0.file: "c" -> "d"`},
		{"[dns]\nudp_size = 1232", "[dns]\nudp_size = 1400", "dns.udp_size: 1232 -> 1400"},
		{"[web]\n", "[web]\nshow_pop = true\n", "+ web.show_pop = true"},
		{"include_from = 'a'", "include_from = ['" + strings.Repeat("é", 60) + "']", `include_from: "a" -> ["` + strings.Repeat("é", 39) + "..."},
		{"[health]\nfall = 2", "[health]\nfall = 2\nnotify = 'https://ntfy.sh/secret'", "+ health.notify = (hidden)"},
		{"[health]\nnotify = ['https://ntfy.sh/one']", "[health]\nnotify = 'https://ntfy.sh/two'", "health.notify: (hidden) -> (hidden)"},
		{"health = false", "[health]\nnotify = 'https://ntfy.sh/secret'", "health: false -> {...}"},
		{"nonsense", "[dns]\nudp_size = 1400", "+ dns"},
	} {
		was, is := parse("tinycdn.toml", []byte(c.was)), parse("tinycdn.toml", []byte(c.is))
		var words []string
		for _, s := range Diff(was, is) {
			words = append(words, s.String())
		}
		if got := strings.Join(words, ", "); got != c.want {
			t.Errorf("%q -> %q:\ngot  %s\nwant %s", c.was, c.is, got, c.want)
		}
		if same := Diff(is, is); len(same) > 0 {
			t.Errorf("%q differs from itself: %v", c.is, fmt.Sprint(same))
		}
	}
}
