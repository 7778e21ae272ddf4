package config

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/geodns"
	"tinycdn/webserver"
)

// The parts that a configuration needs to be right, for tests of one other part.
const (
	twoPOPs = "[pops.nyc]\naddresses = ['192.0.2.1', '2001:db8::1']\nlocation = [40.71, -74.01]\n[pops.fra]\naddresses = '192.0.2.2'\nlocation = [50.11, 8.68]\n"
	oneMap  = "[maps.site]\ndefault = 'nyc'\n"
)

// load loads text as tinycdn.toml in a folder with the files, which are empty.
// Problems and paths are given without that folder.
func load(t *testing.T, text string, files ...string) (*Config, []string) {
	t.Helper()
	folder := t.TempDir()
	for _, name := range append(files, "tinycdn.toml") {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		content := ""
		if name == "tinycdn.toml" {
			content = text
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := Load(filepath.Join(folder, "tinycdn.toml"))
	var lines []string
	for _, p := range config.Mistakes {
		lines = append(lines, strings.ReplaceAll(p.String(), folder+string(filepath.Separator), ""))
	}
	for i, zone := range config.Zones {
		config.Zones[i].Path, _ = filepath.Rel(folder, zone.Path)
	}
	return config, lines
}

// TestTheConfigurationOfTheManual is every setting, as the documentation shows it.
func TestTheConfigurationOfTheManual(t *testing.T) {
	t.Parallel()
	config, problems := load(t, `
zones = ["zones/*.toml", "zones/*.zone", { origin = "Example.net.", file = "db.example.net" }]
pop   = "nyc"
user  = "nobody"
log   = "json"

[dns]
listen  = [":53", "[2001:db8::1]:53", "127.0.0.1:0"]
nsid    = "me"
version = ""
clients  = 100
clients_per_address = 10
tcp_idle        = "5s"
udp_size        = 4096
rrl             = { rate = 100, exempt = "192.0.2.0/24" }

[geoip]
databases = ["GeoLite2-City.mmdb"]

[pops.nyc]
addresses = ["192.0.2.1", "2001:db8:1::1"]
location  = [40.71, -74.01]
[pops.fra]
addresses = ["192.0.2.2", "2001:db8:2::1"]
location  = [50.11, 8.68]
[pops.syd]
addresses = ["192.0.2.3"]
location  = [-33.87, 151.21]

[maps.site]
default    = "nyc"
pops       = ["nyc", "fra", "syd"]
nearest    = true
answers    = 1
ipv6       = "any"
bias       = { syd = 0.8 }
share      = { fra = 0.1 }
continents = { AF = "fra" }
countries  = { NZ = ["syd", "nyc"] }
regions    = { US-HI = "syd" }
asns       = { AS4804 = "syd", 64512 = "fra" }
networks   = { "203.0.113.0/24" = "fra", "2001:DB8::/32" = ["syd"] }
[maps.plain]
default = ["fra", "nyc"]
nearest = false
answers = 2

[web]
listen     = [":80"]
tls_listen = ":443"
certs      = ["certs/fullchain.pem", "certs/privkey.pem"]
https_redirect = true
http3          = true
cache_bytes    = "32MB"
admin_socket   = "run/admin.sock"

[sites."example.org"]
hosts  = ["example.org", "www.Example.org"]
pages  = "site"
[sites."static.example.org"]
root   = "public"
[sites.app]
hosts  = "app.example.org"
origin = "http://127.0.0.1:3000"
`, "zones/b.zone", "zones/a.toml", "zones/.a.toml", "zones/a.toml~", "zones/d.toml/x", "db.example.net")
	if len(problems) > 0 {
		t.Fatal(strings.Join(problems, "\n"))
	}
	folder := filepath.Dir(config.doc.Path)
	dns := geodns.Default()
	dns.Listen, dns.NSID, dns.MaxClients, dns.MaxPerAddress = []string{":53", "[2001:db8::1]:53", "127.0.0.1:0"}, "me", 100, 10
	dns.IdleTime, dns.UDPSize, dns.RRL.Rate, dns.RRL.Exempt = 5*time.Second, 4096, 100, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	for _, test := range []struct {
		what      string
		got, want any
	}{
		{"pop, user, log", []string{config.POP, config.User, config.Log}, []string{"nyc", "nobody", "json"}},
		{"zones", config.Zones, []ZoneFile{{"zones/a.toml", ""}, {"zones/b.zone", ""}, {"db.example.net", "example.net"}}},
		{"dns", config.DNS, dns},
		{"databases", fmt.Sprint(config.GeoIP.Databases), "[" + folder + "/GeoLite2-City.mmdb]"},
		{"pops", fmt.Sprint(config.POPs), "[{nyc [192.0.2.1 2001:db8:1::1] {40.71 -74.01}} {fra [192.0.2.2 2001:db8:2::1] {50.11 8.68}} {syd [192.0.2.3] {-33.87 151.21}}]"},
		{"map", fmt.Sprint(config.Maps[0]), "{site [nyc] [nyc fra syd] true 1 any map[syd:0.8] map[fra:0.1] [{AF [fra]}] [{NZ [syd nyc]}] [{US-HI [syd]}] [{AS4804 [syd]} {64512 [fra]}] [{203.0.113.0/24 [fra]} {2001:DB8::/32 [syd]}]}"},
		{"plain map", fmt.Sprint(config.Maps[1]), "{plain [fra nyc] [] false 2  map[] map[] [] [] [] [] []}"},
		{"web", fmt.Sprint(config.Web), fmt.Sprintf("{{[:80] [:443] true true max-age=7776000 10000 250 [] [] <nil> false <nil> <nil>  <nil> <nil> <nil> <nil> <nil> <nil> <nil>} true 32000000 %[1]s/run/admin.sock false [{%[1]s/certs/fullchain.pem %[1]s/certs/privkey.pem}]}", folder)},
		{"sites", config.Sites, []Site{
			{VirtualHost: webserver.VirtualHost{Name: "example.org", Hosts: []string{"example.org", "www.example.org"}}, Source: Source{Pages: folder + "/site", CacheBytes: 10666666}},
			{VirtualHost: webserver.VirtualHost{Name: "static.example.org", Hosts: []string{"static.example.org"}}, Source: Source{Root: folder + "/public", CacheBytes: 10666666}},
			{VirtualHost: webserver.VirtualHost{Name: "app", Hosts: []string{"app.example.org"}}, Source: Source{Origin: "http://127.0.0.1:3000", CacheBytes: 10666666}},
		}},
		{"folders", config.Folders(), []string{folder, folder + "/zones"}},
	} {
		if !reflect.DeepEqual(test.got, test.want) {
			t.Errorf("%s: got\n%v\nwant\n%v", test.what, test.got, test.want)
		}
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	config, problems := load(t, "")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if !slices.Equal(config.DNS.Listen, []string{":53"}) || config.Log != "text" || !strings.HasPrefix(config.DNS.Version, "tinycdn") || config.DNS.IdleTime != 30*time.Second || config.DNS.MaxClients != 10_000 || config.Web.PerAddress != 250 {
		t.Errorf("got %+v", config)
	}
	config, problems = load(t, twoPOPs+oneMap)
	if got := config.Maps[0]; len(problems) > 0 || !got.Nearest || got.Answers != 1 || len(got.POPs) != 0 {
		t.Errorf("got %+v %v", got, problems)
	}
}

func TestSettingsThatNeedARestart(t *testing.T) {
	t.Parallel()
	const site = "[sites.a]\nroot = 'a'\n"
	for _, test := range []struct{ start, now, want string }{
		{"", "", ""},
		{"log = 'text'\ndns.listen = ':53'", "", ""},
		{"", "pop = 'nyc'\nuser = 'x'\nlog = 'json'\n" + twoPOPs, "pop user log"},
		{"", "[dns]\nlisten = ':54'\nnsid = 'x'\nversion = ''\nclients = 1\nclients_per_address = 1\ntcp_idle = '1s'\nudp_size = 512\nrrl = false\nquery_log = 'x'\nquery_log_sample = 2\ndnstap = 'y'",
			"dns.listen dns.nsid dns.version dns.clients dns.clients_per_address dns.tcp_idle dns.udp_size dns.rrl dns.query_log dns.query_log_sample dns.dnstap"},
		{"", "[web]\nlisten = ':81'\ntls_listen = []\nhttps_redirect = false\nhttp3 = true\nhsts = ''\nclients = 1\nclients_per_address = 1\n" +
			"trusted = '10.0.0.0/8'\nadmin = '10.0.0.1'\naccess_log.file = 'x'\nshow_pop = false\nadmin_socket = ''",
			"web.listen web.tls_listen web.https_redirect web.http3 web.hsts web.clients web.clients_per_address web.trusted web.admin web.access_log web.show_pop web.admin_socket"},
		{"", "[admin]\nlisten = '127.0.0.1:9053'\ntoken_file = 'x'", "admin.listen admin.token_file"},
		{"", "[web]\ncerts = ['a', 'b']\ncache_bytes = '1GB'", ""},
		{"[web]\ncerts = ['a', 'b']", "[web]\ncerts = ['a', 'c']", ""},
		{"", site, ""},
		{site, site + "canonical = 'a'", ""},
		{"dns.listen = 'pop'\n[pops]\nnyc = { addresses = '192.0.2.1', location = [0, 0] }",
			"dns.listen = 'pop'\n[pops]\nnyc = { addresses = '192.0.2.9', location = [0, 0] }", "dns.listen"},
		{"", twoPOPs + oneMap + "[geoip]\ndatabases = ['x']", ""},
	} {
		start, now := parse("tinycdn.toml", []byte(test.start)), parse("tinycdn.toml", []byte(test.now))
		if got := strings.Join(now.NeedRestart(start, "nyc"), " "); got != test.want || len(now.Mistakes) > 0 {
			t.Errorf("%q after %q: got %s %v, want %s", test.now, test.start, got, now.Mistakes, test.want)
		}
	}
}

func TestAZoneNamedTwiceIsOneZone(t *testing.T) {
	t.Parallel()
	for zones, want := range map[string][]ZoneFile{
		"'*.zone', 'a.zone'":                                      {{"a.zone", ""}, {"b.zone", ""}},
		"'*.zone', { origin = 'x', file = 'a.zone' }":             {{"a.zone", "x"}, {"b.zone", ""}},
		"{ origin = 'x', file = 'a.zone' }, '*.zone'":             {{"a.zone", "x"}, {"b.zone", ""}},
		"{origin='x',file='a.zone'}, {origin='y',file='a.zone'}":  {{"a.zone", "x"}, {"a.zone", "y"}},
		"{origin='x',file='a.zone'}, {origin='x.',file='a.zone'}": {{"a.zone", "x"}},
		"'none/*.zone'": nil,
	} {
		config, problems := load(t, "zones = ["+zones+"]", "b.zone", "a.zone")
		if !slices.Equal(config.Zones, want) || len(problems) > 0 {
			t.Errorf("%s: got %v %v, want %v", zones, config.Zones, problems, want)
		}
	}
}

func TestASingleStringWillDoForZones(t *testing.T) {
	t.Parallel()
	config, problems := load(t, "zones = '*.zone'", "a.zone", "b.zone")
	if want := []ZoneFile{{"a.zone", ""}, {"b.zone", ""}}; !slices.Equal(config.Zones, want) || len(problems) > 0 {
		t.Errorf("got %v %v, want %v", config.Zones, problems, want)
	}
}

// TestAWildcardInTheFoldersNameIsNone: only what the configuration says is a pattern.
func TestAWildcardInTheFoldersNameIsNone(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "p[1]*")
	for name, text := range map[string]string{
		"conf/tinycdn.toml": "zones = ['*.zone', '../*.zone', '../z/*/*.zone', '../z/*/../?.zone']",
		"conf/c.zone":       "", "a.zone": "", "z/1/d.zone": "", "z/e.zone": "",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := Load(filepath.Join(folder, "conf", "tinycdn.toml"))
	var got []string
	for _, zone := range config.Zones {
		got = append(got, strings.TrimPrefix(zone.Path, folder))
	}
	if want := []string{"/conf/c.zone", "/a.zone", "/z/1/d.zone", "/z/e.zone"}; !slices.Equal(got, want) || len(config.Mistakes) > 0 {
		t.Errorf("got %q %v %v, want %q", got, config.Mistakes, config.Notes, want)
	}
}

func TestWhichPOPThisIs(t *testing.T) {
	const three = "pop = 'nyc'\n" + twoPOPs
	for _, test := range []struct{ config, env, flag, want string }{
		{three, "", "", "nyc"},
		{three, "fra", "", "fra"},
		{three, "fra", "nyc", "nyc"},
		{three, "fra", "nyx", `--pop: POP "nyx" is not defined (did you mean "nyc"?)`},
		{three, "frra", "", `$TINYCDN_POP: POP "frra" is not defined (did you mean "fra"?)`},
		{twoPOPs, "", "", `which POP is this? say --pop nyc, TINYCDN_POP=nyc, or pop = "nyc" in the configuration`},
		{onePOP("addresses = '192.0.2.1'"), "", "", "x"},
		{"", "", "", ""},
	} {
		t.Setenv("TINYCDN_POP", test.env)
		config, problems := load(t, test.config)
		got, err := config.ThisPOP(test.flag)
		if err != nil {
			got = err.Error()
		}
		if got != test.want || len(problems) > 0 {
			t.Errorf("%q, $TINYCDN_POP %q, --pop %q: got %s %v, want %s", test.config, test.env, test.flag, got, problems, test.want)
		}
	}
}

func TestWhereTheConfigurationIsLookedFor(t *testing.T) {
	t.Chdir(t.TempDir())
	if path, err := Path("x.toml"); path != "x.toml" || err != nil {
		t.Errorf("got %s %v, want the file given", path, err)
	}
	if err := os.WriteFile("tinycdn.toml", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if path, err := Path(""); path != "tinycdn.toml" || err != nil {
		t.Errorf("got %s %v, want that of the working directory", path, err)
	}
}
