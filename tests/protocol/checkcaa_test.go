package protocol

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

// worldFiles are a nameserver that is the world: it has a top-level domain, so that there is an end to climbing.
const worldFiles = `
-- tinycdn.toml --
zones = "zones/*"
[dns]
listen = "127.0.0.1:$PORT"
[pops.world]
addresses = "127.0.0.1"
location = [50.11, 8.68]
-- zones/test --
$TTL 300
@ SOA ns h 7 2 3 4 5
@ NS ns
ns A 127.0.0.1
free A 192.0.2.1
ours CAA 0 issue "letsencrypt.org"
ours CAA 0 issuewild ";"
others CAA 0 issue "ca.example.net"
deep.sub.others A 192.0.2.1
alias.free CNAME others
methods CAA 0 issue "letsencrypt.org; validationmethods=dns-01"
account CAA 0 issue "letsencrypt.org; accounturi=https://ca.test/acct/1"
critical CAA 0 issue "letsencrypt.org"
critical CAA 128 tbs "unknown"
`

// caaFiles are a POP that serves a zone, and caaWanted what its owner's folder wants beside: that is never served, as it would order.
const (
	caaFiles = `
-- tinycdn.toml --
zones = "zones/*"
[dns]
listen = "127.0.0.1:$PORT"
[web]
admin_socket = ""
[pops.nyc]
addresses = "127.0.0.1"
location = [40.71, -74.01]
-- zones/example.org --
$TTL 300
@ SOA ns h 7 2 3 4 5
@ NS ns
ns A 127.0.0.1
`
	caaWanted = "\n[acme]\nnames = [NAMES]\n"
)

// TestCheckLiveWalksCAAAsAnAuthorityDoes: what a resolver says counts, and the record to add is told.
func TestCheckLiveWalksCAAAsAnAuthorityDoes(t *testing.T) {
	t.Parallel()
	world := testkit.Start(t, worldFiles)
	resolver := fmt.Sprintf("127.0.0.1:%d", world.Ports.DNS)
	here, owner := testkit.Start(t, caaFiles), testkit.Build(t, caaFiles)
	served, err := os.ReadFile(filepath.Join(here.Folder, "tinycdn.toml"))
	if err != nil {
		t.Fatal(err)
	}
	check := func(names string, status int, more ...string) string {
		t.Helper()
		if err := owner.Replace("tinycdn.toml", string(served)+strings.Replace(caaWanted, "NAMES", names, 1)); err != nil {
			t.Fatal(err)
		}
		cmd := testkit.Command(append([]string{"check", "--live", "--resolver", resolver}, more...)...)
		cmd.Dir = owner.Folder
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != status {
			t.Errorf("%s: status %d, want %d:\n%s", names, got, status, out)
		}
		return string(out)
	}
	const add = ` (in its zone, add: others.test. CAA 0 issue "letsencrypt.org")`
	for _, c := range []struct {
		names  string
		status int
		want   string
	}{
		{`"free.test", "www.ours.test"`, 0, "all alike: 1 POPs at 1 addresses"},
		{`"others.test", "deep.sub.others.test"`, 1, "the CAA records of others.test let letsencrypt.org give no certificate for others.test, deep.sub.others.test" + add},
		{`"alias.free.test"`, 1, "the CAA records of others.test let letsencrypt.org give no certificate for alias.free.test" + add},
		{`"*.ours.test"`, 1, `the CAA records of ours.test let letsencrypt.org give no certificate for *.ours.test (in its zone, add: ours.test. CAA 0 issuewild "letsencrypt.org")`},
		{`"methods.test"`, 1, `for methods.test: they want the names proved by dns-01, and it is by http-01 here (in its zone, add: methods.test. CAA 0 issue "letsencrypt.org")`},
		{`"*.methods.test"`, 0, "all alike"},
		{`"account.test"`, 0, "the CAA records of account.test let letsencrypt.org give a certificate for account.test to the account https://ca.test/acct/1 alone (is it yours? tinycdn certs list says)"},
		{`"critical.test"`, 1, "the CAA records of critical.test let nobody give a certificate for critical.test: none understands the property tbs, which is critical (in its zone, take that one out)"},
		{`"www.elsewhere.example"`, 1, "who may give a certificate for www.elsewhere.example cannot be looked up, and without that nobody does: CAA of www.elsewhere.example: " + resolver + " answers REFUSED"},
	} {
		if out := check(c.names, c.status); !strings.Contains(out, c.want) || (c.status == 1) == strings.Contains(out, "alike") {
			t.Errorf("%s: got\n%s, want\n%s", c.names, out, c.want)
		}
	}
	var told struct {
		Refusals []struct {
			Names                     []string
			Issuer, Owner, Why, Paste string
		}
	}
	if err := json.Unmarshal([]byte(check(`"others.test", "free.test"`, 1, "--json")), &told); err != nil {
		t.Fatal(err)
	}
	if len(told.Refusals) != 1 || !reflect.DeepEqual(told.Refusals[0].Names, []string{"others.test"}) || told.Refusals[0].Paste != `others.test. CAA 0 issue "letsencrypt.org"` {
		t.Errorf("got %+v", told)
	}
	resolver = "nobody"
	if out := check(`"free.test"`, 2); !strings.Contains(out, "--resolver nobody is no address") {
		t.Error(out)
	}
	resolver = "127.0.0.1:1" // at which nobody listens
	if out := check(`"free.test"`, 1); !strings.Contains(out, "CAA of free.test: 127.0.0.1:1: connection refused") {
		t.Error(out)
	}
}
