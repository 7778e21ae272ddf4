package pop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAPageThatIsLookedAtAndNotThereIsTold(t *testing.T) {
	t.Parallel()
	const missing = "tinycdn.toml:5: health.page: www.example.org has nothing at /missing: POPs that look there hold each other for down"
	for settings, want := range map[string]string{
		"fall = 2":              "",
		"page = '/up'":          "",
		"page = '/up?from=pop'": "",
		"page = '/missing'":     missing,
		"page = 'https://www.example.org/missing'":     missing,
		"page = 'https://www.example.net/missing'":     "", // another server's
		"page = '/app/missing'":                        "", // an application's
		"page = '/missing'\nstatus = 404":              "",
		"page = '/.well-known/tinycdn/health'\nfall=2": "",
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"tinycdn.toml": "[sites.'www.example.org']\nroot = 'public'\npaths = { '/app/*' = { origin = 'http://127.0.0.1:1' } }\n[health]\n" + settings + "\n",
			"public/up":    "up\n",
		} {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		g := Load(filepath.Join(dir, "tinycdn.toml"), nil, Options{})
		var got []string
		for _, f := range g.Findings() {
			got = append(got, strings.ReplaceAll(f.Text, dir+"/", ""))
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("%s: got %q, want %q", settings, got, want)
		}
	}
}
