package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMistakesInACME(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"eab.key", "text.pem"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{`ca = "letsencrypt-staging"`, ""},
		{`ca = ["letsencrypt", "https://ca.test:8443/acme/directory"]`, ""},
		{"ca = [\"letsencrypt\", \"zerossl\"]\neab = { id = \"1\", key = \"eab.key\" }", ""},
		{`ca = ["letsencrypt", "zerossl"]`, `2: acme.ca: zerossl takes only its customers: it needs eab = { id = "...", key = "eab.key" }, the number and the key that it gives them for ACME`},
		{`ca = "https://dv.acme-v02.api.pki.goog/directory"`, `2: acme.ca: google takes only its customers: it needs eab = { id = "...", key = "eab.key" }, the number and the key that it gives them for ACME`},
		{"ca = [\"zerossl\", \"google\"]\neab = { id = \"1\", key = \"eab.key\" }", `2: acme.ca: google takes only its customers, as zerossl does, and eab is what one of them gave: leave out the other`},
		{`eab = { id = "1" }`, `2: acme.eab.id: it needs eab.key, the file with the key of that number (or $TINYCDN_EAB with the key itself, here too)`},
		{`ca = "letsencrpyt"`, `2: acme.ca: "letsencrpyt" is no authority that has a name here: want one of letsencrypt, letsencrypt-staging, zerossl, google, or the URL of a directory (did you mean "letsencrypt"?)`},
		{`ca = "http://ca.test/directory"`, `2: acme.ca: "http://ca.test/directory" is not the URL of an authority's directory: it begins with https://`},
		{`ca = ["letsencrypt", "letsencrypt"]`, `2: acme.ca: "letsencrypt" is there twice`},
		{`names = ["Example.ORG.", "*.example.org"]`, ""},
		{`names = ["*"]`, `2: acme.names: "*" is no name that an authority gives a certificate for`},
		{`names = ["a.*.example.org"]`, `2: acme.names: "a.*.example.org" is no name that an authority gives a certificate for`},
		{`names = ["192.0.2.1"]`, `2: acme.names: "192.0.2.1" is no name that an authority gives a certificate for`},
		{`names = ["localhost"]`, `2: acme.names: "localhost" is no name that an authority gives a certificate for`},
		{`names = ["a.test", "A.test"]`, `2: acme.names: "a.test" is there twice`},
		{"challenge = \"http-01\"\nnames = [\"*.a.test\"]", `3: acme.names: "*.a.test": a wildcard is proved by DNS alone (leave out challenge = "http-01")`},
		{`challenge = "dns-persist-01"`, ""},
		{`challenge = "tls-alpn-01"`, `2: acme.challenge: "tls-alpn-01" is none of "auto", "dns-01", "dns-persist-01" and "http-01"`},
		{`email = "me"`, `2: acme.email: "me" is no address`},
		{`eab = { id = "1", key = "eab.key" }`, ""},
		{`eab = { key = "eab.key" }`, `2: acme.eab.key: it needs eab.id, the number of that key`},
		{`eab = { id = "1", key = "none" }`, `2: acme.eab.key: none: no such file or directory`},
		{`roots = "none"`, `2: acme.roots: none: no such file or directory`},
		{`roots = "text.pem"`, `2: acme.roots: text.pem: holds no certificate in PEM (-----BEGIN CERTIFICATE-----)`},
		{`profle = "x"`, `2: acme: unknown key "profle" (did you mean "profile"?)`},
		{"[web]\ntls_listen = []", `acme: it has no effect: web.tls_listen is empty`},
	} {
		path := filepath.Join(dir, "tinycdn.toml")
		if err := os.WriteFile(path, []byte("[acme]\n"+c.text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		loaded := Load(path)
		var got []string
		for _, m := range loaded.Mistakes {
			got = append(got, m.String())
		}
		for _, note := range loaded.Notes {
			got = append(got, note.String())
		}
		if said := strings.ReplaceAll(strings.Join(got, "\n"), dir+"/", ""); strings.TrimPrefix(said, "tinycdn.toml:") != c.want && !(strings.HasPrefix(c.want, "acme") && strings.HasSuffix(said, c.want)) {
			t.Errorf("%s: got %s, want %s", c.text, said, c.want)
		}
	}
}

// What an authority gave for accounts is nobody's business.
func TestTheKeyForAccountsIsNoPage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "public"), 0o700)
	text := "[acme]\neab = { id = '1', key = 'public/eab.key' }\n[sites.'a.test']\nroot = 'public'\n"
	for name, text := range map[string]string{"tinycdn.toml": text, "public/eab.key": "text"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	loaded := Load(filepath.Join(dir, "tinycdn.toml"))
	if len(loaded.Mistakes) != 1 || !strings.Contains(loaded.Mistakes[0].Text, "it holds the key for accounts") {
		t.Errorf("got %v", loaded.Mistakes)
	}
}
