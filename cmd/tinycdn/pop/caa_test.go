package pop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCAAThatForbidsTheAuthorityIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ names, records, want string }{
		{`"example.org"`, "", ""},
		{`"example.org"`, "@ CAA 0 issue \"letsencrypt.org\"\n", ""},
		{`"example.org"`, "@ CAA 0 issue \"LetsEncrypt.org; accounturi=https://x.test/1\"\n", ""},
		{`"example.org"`, "@ CAA 0 issue \"sectigo.com\"\n@ CAA 0 issue \"letsencrypt.org\"\n", ""},
		{`"example.org"`, "@ CAA 0 iodef \"mailto:a@example.org\"\n", ""},
		{`"example.org"`, "@ CAA 0 issuewild \";\"\n", ""},
		{`"www.example.org"`, "@ CAA 0 issue \"sectigo.com\"\nwww CAA 0 issue \"letsencrypt.org\"\n", ""},
		{`"www.example.org"`, "@ CAA 0 issue \"sectigo.com\"\n", "tinycdn.toml:2: acme: the CAA records of example.org let letsencrypt.org give no certificate for www.example.org (in its zone, add: example.org. CAA 0 issue \"letsencrypt.org\")"},
		{`"example.org"`, "@ CAA 0 issue \";\"\n", "tinycdn.toml:2: acme: the CAA records of example.org let letsencrypt.org give no certificate for example.org (in its zone, add: example.org. CAA 0 issue \"letsencrypt.org\")"},
		{`"*.example.org"`, "@ CAA 0 issue \"letsencrypt.org\"\n@ CAA 0 issuewild \"sectigo.com\"\n", "tinycdn.toml:2: acme: the CAA records of example.org let letsencrypt.org give no certificate for *.example.org (in its zone, add: example.org. CAA 0 issuewild \"letsencrypt.org\")"},
		{`"www.sub.example.org"`, "@ CAA 0 issue \"sectigo.com\"\nsub NS ns.elsewhere.example.\n", "tinycdn.toml:2: acme: the CAA records of example.org let letsencrypt.org give no certificate for www.sub.example.org (in its zone, add: example.org. CAA 0 issue \"letsencrypt.org\")"},
		{`"www.example.org"`, "a CAA 0 issue \"sectigo.com\"\nwww CNAME a\n", "tinycdn.toml:2: acme: the CAA records of a.example.org let letsencrypt.org give no certificate for www.example.org (in its zone, add: a.example.org. CAA 0 issue \"letsencrypt.org\")"},
		{`"a.example.org", "b.example.org"`, "@ CAA 0 issue \"letsencrypt.org; validationmethods=http-01\"\n", "tinycdn.toml:2: acme: the CAA records of example.org let letsencrypt.org give no certificate for a.example.org, b.example.org: they want the names proved by http-01, and it is by dns-01 here (in its zone, add: example.org. CAA 0 issue \"letsencrypt.org\")"},
		{`"example.org"`, "@ CAA 0 issue \"letsencrypt.org; accounturi=https://x.test/1; validationmethods=dns-01\"\n", ""},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"tinycdn.toml":     "zones = [\"*.zone\"]\n[acme]\nnames = [" + c.names + "]\n",
			"example.org.zone": "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n" + c.records,
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, f := range Load(filepath.Join(dir, "tinycdn.toml"), nil, Options{}).Findings() {
			got = append(got, strings.ReplaceAll(f.Text, dir+"/", ""))
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%s %s: got %q, want %q", c.names, c.records, got, c.want)
		}
	}
}
