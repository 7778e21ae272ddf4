package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAFolderHoldsWhatLinksLeadTo(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	for _, folder := range []string{"etc/public", "etc/public2", "keys"} {
		if err := os.MkdirAll(filepath.Join(top, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"site": "etc", "etc/k.pem": "../keys/k.pem", "linked": "keys", "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(top, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(top, "keys/k.pem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		folder, file string
		want         bool
	}{
		{"etc", "etc/tinycdn.toml", true},
		{".", "etc/tinycdn.toml", true},
		{"etc/public", "etc/tinycdn.toml", false},
		{"etc/public", "etc/public2", false},
		{"etc/public", "etc/..public", false},
		{"site", "etc/tinycdn.toml", true},
		{"etc", "site/log", true},
		{"etc", "etc/k.pem", true},
		{"keys", "etc/k.pem", true},
		{"linked", "etc/k.pem", true},
		{"none", "etc/k.pem", false},
		{"loop", "etc/k.pem", false},
	} {
		if got := Holds(filepath.Join(top, c.folder), filepath.Join(top, c.file)); got != c.want {
			t.Errorf("%s holds %s: got %v, want %v", c.folder, c.file, got, c.want)
		}
	}
}
