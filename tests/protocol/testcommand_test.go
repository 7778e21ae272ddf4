package protocol

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

const testFiles = `
-- tinycdn.toml --
zones = "zones/*"
[dns]
listen = "pop:$PORT"
[web]
listen = "pop:$HTTP"
tls_listen = "pop:$HTTPS"
certs = ["cert.pem", "cert.key"]
admin_socket = ""
` + worldOfThree + `[sites."example.org"]
root = "public"
hosts = ["example.org", "other.example.org"]
-- zones/example.org.toml --
soa = { mname = "ns", rname = "hostmaster", serial = 7 }
[records]
"@" = { NS = "ns", MX = "10 Mail", TXT = "v=spf1 -all" }
ns = { A = "127.0.0.1" }
www = { geo = "world", ttl = 60 }
"*.dev" = { CNAME = "www" }
-- public/index.html --
<p>Hello from here
-- tests.toml --
[[test]]
from = "134.157.0.0/24"                 # Paris
name = "www.example.org"
pop = "fra"
scope = 16
ttl = 60
[[test]]
from = "129.78.0.1"                     # Sydney
name = "www.Example.org."
answer = "127.0.0.3"
[[test]]
from = "134.157.0.0/24"
name = "www.example.org"
type = "AAAA"
pop = "fra"
[[test]]
name = "x'y.dev.example.org"
type = "CNAME"
answer = "WWW.example.org"
scope = 0
from = "2001:db8::/32"
[[test]]
name = "example.org"
type = "MX"
answer = ["10 mail.example.org."]
[[test]]
name = "example.org"
type = "txt"
answer = "v=spf1 -all"
[[test]]
name = "ns.example.org"
type = "AAAA"
answer = []
[[test]]
name = "none.example.org"
rcode = "NXDOMAIN"
[[test]]
url = "http://example.org:$HTTP/"
status = 301
header = { location = "https://example.org:*" }
[[test]]
url = "https://example.org:$HTTPS/"
contains = ["Hello", "here"]
header = { content-type = "text/html*" }
certificate = 5
`

// tested is three POPs that the owner of a folder tests.
func tested(t *testing.T) *byHand {
	t.Helper()
	h := testkit.Build(t, strings.ReplaceAll(testFiles, `"https://example.org:*"`, `"https://example.org*"`))
	now := time.Now()
	if _, err := testkit.Authority().Issue(filepath.Join(h.Folder, "cert"), now.Add(-time.Hour), now.Add(10*24*time.Hour+12*time.Hour), "example.org"); err != nil {
		t.Fatal(err)
	}
	trusted := filepath.Join(t.TempDir(), "trusted.pem")
	if err := os.WriteFile(trusted, testkit.Authority().PEM(), 0o644); err != nil {
		t.Fatal(err)
	}
	c := newByHandFrom(t, h)
	c.env = append(os.Environ(), "SSL_CERT_FILE="+trusted)
	return c
}

func TestGoldenTestsNameThePOPThatDiffers(t *testing.T) {
	t.Parallel()
	c := tested(t)
	// 8 questions over UDP and TCP, and 2 pages, at 4 addresses.
	c.run(0, "all right: 72 tests at nyc, fra, syd (4 addresses)\n", "test")

	c.change("syd", "tinycdn.toml", `default = "nyc"`, "default = \"nyc\"\ncountries = { FR = \"nyc\" }")
	report := filepath.Join(t.TempDir(), "report.xml")
	out := c.run(1, "tests.toml:1: www.example.org A from 134.157.0.0/24\n", "test", "--junit", report)
	if strings.Count(out, "want ") != 1 || strings.Contains(out, "nyc 127.0.0.1 ") || !strings.Contains(out, "\n2 of 72 tests failed at nyc, fra, syd (4 addresses)\n") {
		t.Errorf("want one line, of syd:\n%s", out)
	}
	line := regexp.MustCompile(`(?m)^  syd 127\.0\.0\.3 udp tcp   want pop fra.*   got nyc \(127\.0\.0\.1\).*   (dig .*)$`).FindStringSubmatch(out)
	if line == nil {
		t.Fatalf("no line for A in\n%s", out)
	}
	if got := typed(t, line[1]); !strings.Contains(got, "www.example.org.\t60\tIN\tA\t127.0.0.1\n") || !strings.Contains(got, "CLIENT-SUBNET: 134.157.0.0/24/") {
		t.Errorf("%s gives\n%s", line[1], got)
	}
	wantJUnit(t, report, 72, 2, "syd 127.0.0.3", "www.example.org A from 134.157.0.0/24 over tcp", "pop fra")

	var told struct {
		Right    bool
		Made     int
		Failures []struct {
			Test, Want, Got, Repeat string
			Line                    int
			Place                   struct{ POP string }
		}
	}
	if err := json.Unmarshal([]byte(c.run(1, "", "test", "--json")), &told); err != nil {
		t.Fatal(err)
	}
	if f := told.Failures; told.Right || told.Made != 72 || len(f) != 2 || f[0].Place.POP != "syd" || f[0].Line != 1 || f[1].Repeat != strings.Replace(line[1], " +subnet", " +tcp +subnet", 1) {
		t.Errorf("got %+v", told)
	}
}

// wantJUnit wants a report for a CI with a failure in it.
func wantJUnit(t *testing.T, path string, tests, failures int, class, name, message string) {
	t.Helper()
	type suite struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Cases    []struct {
			Class   string `xml:"classname,attr"`
			Name    string `xml:"name,attr"`
			Failure *struct {
				Message string `xml:"message,attr"`
			} `xml:"failure"`
		} `xml:"testcase"`
	}
	var all struct {
		suite
		Suites []suite `xml:"testsuite"`
	}
	text, err := os.ReadFile(path)
	if err == nil {
		err = xml.Unmarshal(text, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	cases, failed, found := 0, 0, false
	for _, s := range all.Suites {
		for _, c := range s.Cases {
			cases++
			if c.Failure != nil {
				failed++
				found = found || c.Class == class && c.Name == name && strings.Contains(c.Failure.Message, message)
			}
		}
	}
	if cases != tests || failed != failures || all.Tests != tests || all.Failures != failures || !found {
		t.Errorf("want %d tests, %d failures, one of them %s: %s: %s; got\n%s", tests, failures, class, name, message, text)
	}
}

// typed is what a line prints that is typed into a shell as it is.
func typed(t *testing.T, line string) string {
	t.Helper()
	out, err := exec.Command("sh", "-c", line).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

func TestALineOfDigOrCurlGetsTheSameWhateverTheTestAsks(t *testing.T) {
	t.Parallel()
	c := tested(t)
	for _, test := range []struct{ toml, want, says string }{
		{"name = \"x'y.dev.example.org\"\nfrom = \"2001:db8::/48\"\ntype = \"cname\"\nanswer = \"example.org\"", `dig @127.0.0.1 -p $PORT +subnet=2001:db8::/48 'x\'\''y.dev.example.org' CNAME`, "IN\tCNAME\twww.example.org."},
		{"name = \"mx\"\nrcode = \"NXDOMAIN\"", "dig @127.0.0.1 -p $PORT -q mx A", "status: REFUSED"},
		{"name = \"-v.example.org\"\nrcode = \"NOERROR\"", "dig @127.0.0.1 -p $PORT -q -v.example.org A", "status: NXDOMAIN"},
		{"url = \"http://example.org:$HTTP/a?b=c&d='e'\"\nstatus = 200", `curl -sSi --connect-to ::127.0.0.1:$HTTP 'http://example.org:$HTTP/a?b=c&d='\''e'\'''`, " 301 "},
	} {
		c.edit("one.toml", "[[test]]\n"+test.toml)
		want := c.ports.In(test.want)
		c.run(1, want+"\n", "test", "--at", c.ports.In("127.0.0.1:$PORT"), "one.toml")
		if got := typed(t, want); !strings.Contains(got, test.says) {
			t.Errorf("%s gives\n%s\nwant %s", want, got, test.says)
		}
	}
	c.edit("one.toml", "[[test]]\nname = \"www.example.org\"\nscope = 9\nfrom = \"129.78.0.0/16\"\n")
	out := c.run(1, "", "test", "-6", "one.toml")
	line := regexp.MustCompile(`dig @::1 .*`).FindString(out)
	if got := typed(t, line); !strings.Contains(got, "CLIENT-SUBNET: 129.78.0.0/16/16") || !strings.Contains(out, "want scope 9   got scope 16") {
		t.Errorf("%s gives\n%s", out, got)
	}
}

func TestAPOPThatIsDownIsToldOnce(t *testing.T) {
	t.Parallel()
	c := tested(t)
	c.stop("syd")
	out := c.run(1, "", "test")
	for _, want := range []string{
		c.ports.In("syd 127.0.0.3 http:$HTTP, https:$HTTPS, tcp, udp: connection refused; 18 tests not made there\n"),
		"54 tests right at nyc, fra, syd (4 addresses), but not all is well\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if n := strings.Count(out, "\n"); n != 2 {
		t.Errorf("%d lines:\n%s", n, out)
	}
}

func TestBadInputOfGoldenTests(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, testFiles)
	c := &cluster{t: t, folder: h.Folder, ports: h.Ports, env: os.Environ()}
	c.edit("bad.toml", `[[test]]
nmae = "www.example.org"
[[test]]
name = "www.example.org"
from = "134.157.0.0/24"
pop = "far"
scope = 33
[[test]]
url = "https://example.org/"
rcode = "NXDOMIAN"
`)
	out := c.run(2, "", "test", "bad.toml")
	for _, want := range []string{
		`bad.toml:2: test: unknown key "nmae" (did you mean "name"?)`,
		`bad.toml:6: test.pop: there is no POP "far" (did you mean "fra"?)`,
		"bad.toml:7: test.scope: want 0 to 32, not 33",
		"bad.toml:10: test.rcode: goes with name, and this is a page",
	} {
		if !strings.Contains(out, want+"\n") {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	c.run(2, "none.toml: no such file or directory", "test", "none.toml")
	c.run(2, `--at: "here" is not an address, such as 192.0.2.1`, "test", "--at", "here")
	c.run(2, "-4 and -6 leave nothing", "test", "-4", "-6")
	c.run(2, "unknown flag: --boundary", "test", "--boundary")
	c.run(2, "want tinycdn test [FILE]", "test", "a", "b")
	c.edit("tinycdn.toml", "pops = 1")
	c.run(2, "tinycdn.toml:1: pops: ", "test")
	os.Remove(filepath.Join(c.folder, "tinycdn.toml"))
	c.run(2, "neither tinycdn.toml nor", "test")
	c.run(2, "tests.toml:4: test.pop: whose addresses those are, tinycdn.toml says in [pops], and there is none", "test", "--at", "127.0.0.1", "tests.toml")
}
