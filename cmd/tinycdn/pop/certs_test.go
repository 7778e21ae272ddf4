package pop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestACertificateThatIsNotThereIsToldWhereItIsNamed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "tinycdn.toml")
	for _, c := range []struct {
		certs string
		want  []string
	}{
		{`["a.pem", "a.key"]`, []string{"tinycdn.toml:2: web.certs: a.pem: no such file or directory", "tinycdn.toml:2: web.certs: a.key: no such file or directory"}},
		{"[[\"a.pem\",\n\"here.pem\"],\n[\"here.pem\",\n\"b.key\"]]", []string{
			"tinycdn.toml:2: web.certs: a.pem: no such file or directory", "tinycdn.toml:5: web.certs: b.key: no such file or directory",
		}},
		{`["here.pem", "here.pem"]`, []string{"here.pem: holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"}},
	} {
		for name, text := range map[string]string{"tinycdn.toml": "[web]\ncerts = " + c.certs + "\n", "here.pem": "text"} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		err := Load(path, nil, Options{}).Err()
		if got := strings.ReplaceAll(err.Error(), folder+"/", ""); got != strings.Join(c.want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", c.certs, got, strings.Join(c.want, "\n"))
		}
	}
}
