package protocol

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The borders are those of the table that is built in: real data.
func TestBordersAreHeldAgainstTheLocalTable(t *testing.T) {
	t.Parallel()
	c := tested(t)
	out := c.run(0, "at nyc, fra, syd (4 addresses)\n", "test", "--boundaries", "600")
	var tests int
	if n, err := fmt.Sscanf(out, "all right: %d tests", &tests); n != 1 || err != nil || tests < 3*2*500 || tests > 3*2*600 {
		t.Errorf("both sides of 600 borders at three POPs, but for space that is nowhere: %s", out)
	}

	// A rule that moves the borders of France, at one POP.
	c.change("syd", "tinycdn.toml", `default = "nyc"`, "default = \"nyc\"\ncountries = { FR = \"nyc\" }")
	out = c.run(1, " (a border of map world)\n  syd 127.0.0.3 udp   want 127.0.0.", "test", "--boundaries", "600")
	if strings.Contains(out, "nyc 127.0.0.1 ") || strings.Contains(out, "fra 127.0.0.2 ") {
		t.Errorf("the others are as they were:\n%s", out)
	}
	line := regexp.MustCompile(`want (\S+); scope \d+   got (\S+); scope \d+   (dig .*)`).FindStringSubmatch(out)
	if line == nil {
		t.Fatalf("no line of dig for an address in\n%s", out)
	}
	if got := typed(t, line[3]); !strings.Contains(got, "\tA\t"+line[2]+"\n") {
		t.Errorf("%s\n%s", line[0], got)
	}
	c.stop("syd")
	c.run(1, "syd 127.0.0.3 udp: connection refused; ", "test", "--boundaries", "6")
	c.run(2, "--boundaries -1: want how many", "test", "--boundaries", "-1")
	c.edit("tinycdn.toml", "zones = 'zones/*'\n[pops.a]\naddresses = '127.0.0.1'\nlocation = [0, 0]\n")
	c.run(1, `map "world" is not defined`, "test", "--boundaries", "2")
	c.edit("zones/example.org.toml", "soa = { mname = \"ns\", rname = \"hostmaster\" }\n[records]\n\"@\" = { NS = \"ns\" }\nns = { A = \"127.0.0.1\" }\n")
	c.run(1, "there are no borders", "test", "--boundaries", "2")
}

// What is recorded passes, and what POPs do not agree in is not recorded.
func TestWhatIsRecordedPasses(t *testing.T) {
	t.Parallel()
	c := tested(t)
	c.run(0, "tests written to new.toml", "test", "--record", "new.toml")
	text, err := os.ReadFile(filepath.Join(c.folder, "new.toml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\npop = \"nyc\"\n", "\npop = \"fra\"\n", "\npop = \"syd\"\n", "\n# www.example.org (map world)\n", "::/48\"\nname = \"www.example.org\"\n", "\nttl = 60\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	tests := strings.Count(string(text), "[[test]]\n")
	if tests < 18 {
		t.Errorf("only %d tests in\n%s", tests, text)
	}
	c.run(0, fmt.Sprintf("all right: %d tests at nyc, fra, syd (4 addresses)\n", 8*tests), "test", "new.toml")
	c.run(2, "--record new.toml: is there already", "test", "--record", "new.toml")
	c.run(2, "--record goes without a FILE", "test", "--record", "x.toml", "new.toml")

	c.change("syd", "tinycdn.toml", `default = "nyc"`, "default = \"nyc\"\ncontinents = { OC = \"nyc\" }")
	out := c.run(1, "(map world)\n  syd 127.0.0.3 tcp   want pop = \"syd\"; ttl = 60   got pop = \"nyc\"; ttl = 60   dig @127.0.0.3 ", "test", "--record", "other.toml")
	other, _ := os.ReadFile(filepath.Join(c.folder, "other.toml"))
	if n := strings.Count(string(other), "[[test]]\n"); n >= tests || n == 0 || !strings.Contains(out, fmt.Sprintf("\n%d tests written to other.toml\n", n)) {
		t.Errorf("%d of %d are recorded:\n%s", n, tests, out)
	}
	c.run(1, "", "test", "--at", c.ports.In("127.0.0.3:$PORT"), "new.toml")
	c.run(0, "", "test", "other.toml")
}

func TestTheDelegationIsLookedAtFromOutside(t *testing.T) {
	t.Parallel()
	c := tested(t)
	three := `soa = { mname = "ns-nyc", rname = "hostmaster", serial = 8 }
[records]
"@" = { NS = ["ns-nyc", "ns-fra", "ns-syd"] }
ns-nyc = { A = "127.0.0.1" }
ns-fra = { A = "127.0.0.2", AAAA = "::1" }
ns-syd = { A = "127.0.0.3" }
`
	c.edit("zones/example.org.toml", three)
	for name := range clusterAddresses {
		if name != "syd" {
			c.copy(name)
		}
		if name == "nyc" { // it has the zone above, too, and the world asks it
			org := "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\nexample NS ns-nyc.example\nns-nyc.example A 127.0.0.1\n"
			if err := os.WriteFile(filepath.Join(c.config[name], "zones", "org"), []byte(org), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c.stop(name)
		c.serve(name)
	}
	ask := []string{"test", "--delegation", "--resolver", c.ports.In("127.0.0.1:$PORT"), "--port", c.ports.In("$PORT")}
	out := c.run(1, " ns-nyc.example.org (127.0.0.1) serial 8, ns-syd.example.org (127.0.0.3) serial 7\n", ask...)
	for _, want := range []string{
		"example.org: ns-syd.example.org (127.0.0.3) has the nameservers ns.example.org for the zone, and here they are ns-fra.example.org, ns-nyc.example.org, ns-syd.example.org\n",
		"example.org: serials differ: serial 7 at ns-syd.example.org (127.0.0.3); serial 8 at ns-fra.example.org (127.0.0.2), ns-fra.example.org (::1), ns-nyc.example.org (127.0.0.1)\n",
		"\n2 problems of 1 zone\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	c.copy("syd")
	c.stop("syd")
	c.serve("syd")
	c.run(0, "all right: 1 zone\n", ask...)
	c.run(1, "not delegated: the parent (", append(ask[:3:3], append([]string{c.ports.In("127.0.0.1:$PORT")}, append(ask[4:], "--config", filepath.Join(elsewhere(t), "tinycdn.toml"))...)...)...)
	c.run(2, "--resolver: \"x\" is not an address", "test", "--delegation", "--resolver", "x")
}

// elsewhere is a folder with a zone that nobody has delegated.
func elsewhere(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"tinycdn.toml": "zones = 'nowhere.org'\n[pops.a]\naddresses = '127.0.0.1'\nlocation = [0, 0]\n",
		"nowhere.org":  "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// From home, what the POPs say of each other is taken: a POP that is drained is in no answer, which is right, and is told once.
func TestBordersFromHomeGoByWhatTheClusterSays(t *testing.T) {
	t.Parallel()
	c := newCluster(t, strings.NewReplacer("[sites.", "[maps.world]\ndefault = \"nyc\"\n[sites.", `www = { A = "192.0.2.1" }`, `www = { geo = "world" }`).Replace(clusterFiles))
	c.run(0, "", "publish")
	out := c.run(0, "all right: ", "test", "--boundaries", "60")
	if strings.Contains(out, "is taken as") || strings.Contains(out, "is not known") {
		t.Errorf("all are up:\n%s", out)
	}
	c.run(0, "", "drain", "syd")
	out = c.run(0, "all right: ", "test", "--boundaries", "60")
	if strings.Count(out, "syd is taken as drained, as it is since ") != 1 {
		t.Errorf("want syd once:\n%s", out)
	}
}
