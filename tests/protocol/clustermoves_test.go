package protocol

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

// Who is sent elsewhere by a publication is told before and after it, of any two generations, and much of it is asked about.
func TestWhoIsSentElsewhereIsTold(t *testing.T) {
	t.Parallel()
	c := newCluster(t, strings.Replace(clusterFiles, "[pops.nyc]", "geoip.databases = \"places.mmdb\"\n[maps.world]\ndefault = \"nyc\"\n[pops.nyc]", 1))
	toml := filepath.Join(c.folder, "tinycdn.toml")
	text, err := os.ReadFile(toml)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), "geoip.databases", "[geoip]\ndatabases", 1))
	c.edit("tinycdn.toml", string(text))
	places := func(lines string) {
		t.Helper()
		if err := testkit.WriteMMDB(filepath.Join(c.folder, "places.mmdb"), lines); err != nil {
			t.Fatal(err)
		}
	}
	const paris, sydney = "192.0.2.0/25 FR 48.85,2.35 AS64500\n", "198.51.100.0/24 AU -33.9,151.2 AS64501\n2001:db8::/32 AU -33.9,151.2\n"
	places(paris + "192.0.2.128/25 DE 52.5,13.4 AS64500\n" + sydney)
	c.run(0, "live", "publish")

	// A rule.
	c.edit("tinycdn.toml", strings.Replace(string(text), "default = \"nyc\"", "default = \"nyc\"\ncountries = { FR = \"syd\" }", 1))
	const moves = "map world: of IPv4 25 % get another POP (fra -> syd 25 %)"
	c.run(0, "moves       "+moves+"\n", "publish", "-n")
	c.run(0, "map world: 25 % of IPv4 and nothing of IPv6 get another POP\n  IPv4  from, to  fra -> syd 25 %\n        countries FR 25 % (all of it)\n        networks  AS64500 25 % (50 % of it)\n        prefixes  192.0.2.0/25 fra -> syd\n", "diff")
	c.run(0, "moves       "+moves+"\n", "publish")
	c.run(0, "map world: 25 % of IPv4", "diff", "1", "2")

	// A database, of which the older one has to come from a POP.
	places(paris + "192.0.2.128/25 US 40.7,-74 AS64500\n" + sydney)
	c.run(0, "moves       who is sent where is not known: places.mmdb of then is not at hand\n", "publish")
	c.run(0, "~ places.mmdb\nmap world: 25 % of IPv4 and nothing of IPv6 get another POP\n  IPv4  from, to  fra -> nyc 25 %\n", "diff", "2")
	var last struct {
		Hash string
	}
	newest, _, _ := strings.Cut(c.run(0, "", "history", "--json"), "\n")
	if err := json.Unmarshal([]byte(newest), &last); err != nil {
		t.Fatal(err)
	}
	c.run(0, "  IPv4  from, to  nyc -> fra 25 %, syd -> fra 25 %\n", "diff", last.Hash[:12], "1")
	c.run(1, "generation 9 is not among those that are kept", "diff", "9")
	c.run(0, "fra -> nyc 25 %", "map", "--diff", "2")

	// Much of it.
	c.edit("tinycdn.toml", strings.Replace(string(text), "default = \"nyc\"", "default = \"syd\"\nnearest = false", 1))
	c.run(0, ": more than [cluster] brake allows without --yes\n", "publish", "-n")
	c.run(6, "map world would send 100 % of IPv4 to other POPs: --yes if that is meant", "publish")
	c.run(0, "generation 4 at fra, nyc, syd", "publish", "--yes")
}
