package cluster

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// fleet is a cluster that steers visitors, and what is known of whom it sends where.
type fleet struct {
	*world
	names   []string
	table   *table
	health  string
	local   string // the folder of what each POP has for itself, as all of them see it
	asks    []question
	expires time.Time // when the certificate of a POP does
}

// where the POPs are, and the networks of visitors: near each of them, far from all, and known to nobody.
var (
	locations = []spot{{name: "nyc", lat: 40.71, lon: -74.01}, {name: "fra", lat: 50.11, lon: 8.68}, {name: "syd", lat: -33.87, lon: 151.21}, {name: "sin", lat: 1.35, lon: 103.82}}
	visitors  = []place{
		{prefix: netip.MustParsePrefix("203.0.113.0/24"), rule: "fra"},
		{prefix: netip.MustParsePrefix("198.51.0.0/17"), rule: "nyc"},
		{prefix: netip.MustParsePrefix("81.2.69.0/24"), lat: 51.51, lon: -0.13}, // London
		{prefix: netip.MustParsePrefix("81.2.70.0/23"), lat: 51.51, lon: -0.13},
		{prefix: netip.MustParsePrefix("129.78.0.0/16"), lat: -33.87, lon: 151.2}, // Sydney
		{prefix: netip.MustParsePrefix("129.79.0.0/16"), lat: 39.17, lon: -86.52}, // Indiana
		{prefix: netip.MustParsePrefix("202.56.0.0/20"), lat: 19.08, lon: 72.88},  // Mumbai
		{prefix: netip.MustParsePrefix("41.0.0.0/11"), lat: -26.2, lon: 28.05},    // Johannesburg
		{prefix: netip.MustParsePrefix("2a00:1450::/32"), lat: 51.51, lon: -0.13},
		{prefix: netip.MustParsePrefix("2400:cb00::/29"), lat: -33.87, lon: 151.2},
		{prefix: netip.MustParsePrefix("2400:da00:8000::/33"), lat: 35.69, lon: 139.69}, // Tokyo
	}
)

// quick are looks that make a verdict within seconds, where a test is not about how many. Quicker is for those who wait for half a minute
// anyway.
var quick, quicker = looks("2s"), looks("1s")

// looks are quick ones. A POP that is slow to answer is rightly taken for one that is down: with the race detector, which makes everything
// ten times slower, others are patient with it, and keep it from its work half as often.
func looks(timeout string) string {
	if testkit.RaceDetector {
		timeout = "6s"
	}
	return fmt.Sprintf("interval = \"%v\", timeout = %q, rise = 2", lookEvery(), timeout)
}

func lookEvery() time.Duration {
	if testkit.RaceDetector {
		return 2 * time.Second
	}
	return time.Second
}

// newFleet has POPs join, publish and be ready. Each look at the others is as health says.
func newFleet(t testing.TB, delay time.Duration, health string, names ...string) *fleet {
	t.Helper()
	f := &fleet{world: newMachines(t, delay, names), names: names, health: health, local: t.TempDir()}
	var pops []spot
	for _, s := range locations[:len(names)] {
		s.a, s.aaaa = f.Address(s.name), f.Address6(t, s.name)
		pops = append(pops, s)
	}
	f.table = newTable(pops, visitors)
	f.asks = f.table.questions(t)
	f.configure(t, health)
	f.laptopsLocal(t)
	chain, err := os.ReadFile(filepath.Join(f.local, "web.pem"))
	if err != nil {
		t.Fatal(err)
	}
	f.by = f.withLocal
	for _, name := range names {
		os.Mkdir(f.localOf(name), 0o755)
		f.setLocal(t, name, "app", "200")
		f.setLocal(t, name, "roots.pem", string(chain[bytes.LastIndex(chain, []byte("-----BEGIN")):]))
		f.setLocal(t, name, "own.toml", ownZone)
		f.certificate(t, name, time.Hour)
		f.app(t, name)
		f.join(t, name)
	}
	f.run(t, 0, "publish")
	f.becomes(t, names)
	for _, name := range names {
		f.logs(t, name, `msg="the other POPs are looked at"`)
	}
	return f
}

const ownZone = "origin = \"own.test\"\n[records]\n\"@\" = { NS = \"ns.example.org.\" }\n"

// configure writes what is published.
func (f *fleet) configure(t testing.TB, health string) {
	t.Helper()
	config := fmt.Sprintf(`zones = ["zones/*.toml", "%[3]s/own.toml"]
dns.rrl = false
geoip.databases = "places.mmdb"
health = { %[1]s }
[web]
certs = ["%[3]s/web.pem", "%[3]s/web.key"]
https_redirect = false
[sites."www.example.org"]
root = "public"
paths = { "/up" = { origin = "http://127.0.0.1:%[2]s" } }
[maps.site]
default = "nyc"
`, health, appPort, f.local)
	rules, text := "", ""
	for _, p := range visitors {
		if p.rule == "" {
			text += fmt.Sprintf("%v %v,%v\n", p.prefix, p.lat, p.lon)
		} else {
			rules += fmt.Sprintf("%q = %q\n", p.prefix, p.rule)
		}
	}
	config += "[maps.site.networks]\n" + rules + "[pops]\n"
	for _, s := range f.table.pops {
		config += fmt.Sprintf("%s = { addresses = [%q, %q], location = [%v, %v] }\n", s.name, s.a, s.aaaa, s.lat, s.lon)
	}
	f.write(t, "tinycdn.toml", config)
	f.write(t, "zones/example.org.toml", nearest)
	f.write(t, "public/index.html", "one")
	if err := testkit.WriteMMDB(filepath.Join(f.folder, "places.mmdb"), text); err != nil {
		t.Fatal(err)
	}
}

// localOf is the folder of what a POP has for itself, and withLocal runs its program where all have theirs at the same path. There
// the authority of the tests is known.
func (f *fleet) localOf(name string) string { return f.local + "-" + name }

func (f *fleet) withLocal(name string) []string {
	return []string{"sh", "-c", `mount --bind "$1" "$2" && export SSL_CERT_FILE="$2/roots.pem" && shift 2 && exec "$@"`, "sh", f.localOf(name), f.local}
}

// laptopsLocal is what lies at the same path at home, where it is checked before it is published.
func (f *fleet) laptopsLocal(t testing.TB) {
	t.Helper()
	_, err := testkit.Authority().Issue(filepath.Join(f.local, "web"), time.Now().Add(-time.Hour), time.Now().Add(time.Hour), "www.example.org")
	if err == nil {
		err = os.WriteFile(filepath.Join(f.local, "own.toml"), []byte(ownZone), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// setLocal writes a file that one POP alone has.
func (f *fleet) setLocal(t testing.TB, name, file, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(f.localOf(name), file), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// app runs the application of a POP.
func (f *fleet) app(t testing.TB, name string) {
	t.Helper()
	f.impostor(t, name, "TINYCDN_APP="+filepath.Join(f.localOf(name), "app"))
}

// impostor runs this program at a POP.
func (f *fleet) impostor(t testing.TB, name, as string) *testkit.Process {
	t.Helper()
	cmd := f.Command(name, os.Args[0])
	cmd.Env = append(os.Environ(), as)
	if _, err := cmd.StdinPipe(); err != nil { // it ends with this process
		t.Fatal(err)
	}
	p, err := testkit.Launch(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	if _, found := p.Log.Await(0, p.Exited, func(line string) bool { return line == "listening" }); !found {
		t.Fatalf("it does not listen: %s", p.Log)
	}
	return p
}

// certificate gives a POP one that is valid for so long yet, or a few seconds longer, and says until when.
func (f *fleet) certificate(t testing.TB, pop string, left time.Duration) time.Time {
	t.Helper()
	issue := func(until time.Time) int64 {
		number, err := testkit.Authority().Issue(f.localOf(pop)+"/web", time.Now().Add(-10*time.Hour), until, "www.example.org")
		if err != nil {
			t.Fatal(err)
		}
		return number
	}
	longer := issue(time.Now().Add(left)) // by its number, in seconds
	issue(time.Now().Add(left - time.Duration(longer)*time.Second))
	pair, err := tls.LoadX509KeyPair(f.localOf(pop)+"/web.pem", f.localOf(pop)+"/web.key")
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf.NotAfter
}

// saysOfItself wants a POP's health page to send everybody elsewhere.
func (f *fleet) saysOfItself(t testing.TB, pop, why string) {
	t.Helper()
	client := &http.Client{Timeout: lostAfter, Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(_ context.Context, network, address string) (net.Conn, error) {
		return f.Dial("home", network, address)
	}}}
	request, _ := http.NewRequest(http.MethodGet, "http://"+f.Address(pop)+"/.well-known/tinycdn/health", nil)
	request.Host = "www.example.org"
	r, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, _ := io.ReadAll(r.Body)
	if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" || !strings.Contains(string(text), `"away": "`+why+`"`) {
		t.Errorf("the health page of %s is %s, Retry-After %q: %s", pop, r.Status, r.Header.Get("Retry-After"), text)
	}
}

// reload publishes something else, so that each POP reads what it has of its own again.
func (f *fleet) reload(t testing.TB) {
	t.Helper()
	f.write(t, "public/index.html", time.Now().String())
	f.run(t, 0, "publish")
}
