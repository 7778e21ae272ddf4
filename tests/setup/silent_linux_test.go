package setup

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

// text is what has been said so far.
type text func() string

func (t text) String() string { return t() }

// loaded has pages, and a zone that takes a moment to load.
func (d *desk) loaded(t *testing.T) {
	d.write(t, "public/index.html", "hello\n")
	var zone strings.Builder
	zone.WriteString("$ORIGIN big.example.\n$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns.example.net.\n")
	for i := range 50_000 {
		fmt.Fprintf(&zone, "n%d A 192.0.2.%d\n", i, i%250)
	}
	d.write(t, "zones/big.zone", zone.String())
	config, err := os.ReadFile(filepath.Join(d.folder, "tinycdn.toml"))
	if err != nil {
		t.Fatal(err)
	}
	d.write(t, "tinycdn.toml", strings.Replace(string(config), `"zones/*.toml"`, `"zones/*.toml", "zones/*.zone"`, 1)+
		"dns.rrl = false\n[sites.\"example.org\"]\nroot = \"public\"\nhosts = \"*\"\n")
}

// newer is a program that is another one, and does the same: an ELF file with something behind it.
func newer(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tinycdn")
	must(t, exec.Command("sh", "-c", `cp "$1" "$2" && echo newer >>"$2"`, "sh", testkit.Program(), path))
	return path
}

func TestAnUpgradeLosesNoQuestionAndNoVisitor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, each)
	d.loaded(t)
	d.run(t, 0, "setup")
	d.run(t, 0, "publish")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	load := testkit.NewLoad(ctx)
	query := testkit.Query(t, "n7.big.example.", dns.TypeA)
	for _, m := range d.List {
		conn, err := net.Dial("udp", net.JoinHostPort(m.Address, fmt.Sprint(d.ports.DNS)))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		load.UDP(conn, query, 500)
		url := fmt.Sprintf("http://%s:%d/", m.Address, d.ports.HTTP)
		from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 9)}} // who is no POP
		visitor := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: from.DialContext}}
		load.Again(m.Name, func() error {
			response, err := visitor.Get(url)
			if err != nil {
				return err
			}
			defer response.Body.Close()
			if page, err := io.ReadAll(response.Body); err != nil || string(page) != "hello\n" {
				return fmt.Errorf("%q, %w", page, err)
			}
			return nil
		})
	}
	out := d.end(t, exec.Command(newer(t), "upgrade"), "", 0)
	wants(t, out, `^nyc  .* well after .* s, without a moment of silence$`, `^fra  .* silence$`, `^syd  .* silence$`)
	stop()
	load.WantAllAnswered(t, 100, text(d.logs))
	for name, m := range d.List {
		if log := m.Read("/run/tinycdn.log"); strings.Count(log, "msg=restarted") != 1 {
			t.Errorf("%s\n%s", name, log)
		}
		for other := range d.List { // visitors were sent elsewhere meanwhile
			if log := m.Read("/run/tinycdn.log"); !strings.Contains(log, `msg="a POP is drained" pop=`+other+" ") {
				t.Errorf("%s has not heard of the drain of %s\n%s", name, other, log)
			}
		}
	}
	wants(t, d.run(t, 0, "drain", "--list"), `^no POP is drained$`)
	if t.Failed() {
		t.Log(d.logs())
	}
	wants(t, d.run(t, 0, "status"), `^nyc  1 `, `^fra  1 `, `^syd  1 `)
	d.write(t, "public/index.html", "two\n")
	wants(t, d.run(t, 0, "publish"), `live +generation 2 at fra, nyc, syd`)
}

func TestAnUpgradeWhoseStandInDoesNotServeChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, each)
	d.run(t, 0, "setup")
	d.run(t, 0, "publish")
	fra := d.List["fra"]
	zones, err := filepath.Glob(fra.Path("/var/lib/tinycdn/store/generations/*/zones/example.org.toml"))
	if err != nil || len(zones) != 1 {
		t.Fatal(zones, err)
	}
	os.Remove(zones[0]) // it is a link to a content that is kept
	if err := os.WriteFile(zones[0], []byte("nonsense\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	old := fra.Read("/usr/local/bin/tinycdn")
	pid := fra.Read("/run/tinycdn.pid")
	out := d.end(t, exec.Command(newer(t), "upgrade"), "", 1)
	wants(t, out, `^nyc  .* silence$`, `^fra  NOT WELL: it goes on with the old program: .*zones/example.org.toml:1: `, `^as they were: syd$`)
	if fra.Read("/usr/local/bin/tinycdn") != old || strings.Contains(fra.Read("/run/record")[len(fra.Read("/run/record"))/2:], "stop") {
		t.Errorf("%s", fra.Read("/run/record"))
	}
	if now := fra.Read("/run/tinycdn.pid"); now != pid {
		t.Errorf("it was process %s, and is %s", pid, now)
	}
	wants(t, d.run(t, 0, "status"), `^fra  1 `)
	wants(t, d.run(t, 0, "drain", "--list"), `^no POP is drained$`)
}
