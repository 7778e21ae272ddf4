package config

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tinycdn/zones/diag"
)

// The configuration is read again when it can say something else, and only then.
func TestWhatMakesTheConfigurationSayAnotherThingIsSeen(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		change func(in func(string) string) error
		seen   bool
	}{
		"a zone is edited":       {func(in func(string) string) error { return os.WriteFile(in("z/a/1.zone"), []byte("x"), 0o600) }, false},
		"a named zone is edited": {func(in func(string) string) error { return os.WriteFile(in("named"), []byte("x"), 0o600) }, false},
		"a file lies elsewhere":  {func(in func(string) string) error { return os.WriteFile(in("other/x"), nil, 0o600) }, false},
		"itself":                 {func(in func(string) string) error { return os.Chtimes(in("tinycdn.toml"), time.Time{}, time.Now()) }, true},
		"a zone more":            {func(in func(string) string) error { return os.WriteFile(in("z/a/2.zone"), nil, 0o600) }, true},
		"a zone less":            {func(in func(string) string) error { return os.Remove(in("z/a/1.zone")) }, true},
		"a folder of zones":      {func(in func(string) string) error { return os.Rename(in("other/b"), in("z/b")) }, true},
		"a missing zone comes":   {func(in func(string) string) error { return os.WriteFile(in("missing"), nil, 0o600) }, false}, // its zone looks
		"a site's link leads on": {func(in func(string) string) error {
			return errors.Join(os.Remove(in("site")), os.Symlink(".", in("site")))
		}, true},
		"a pattern's folder goes": {func(in func(string) string) error { return os.Rename(in("z"), in("gone")) }, true},
	} {
		dir := t.TempDir()
		in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
		for _, folder := range []string{"z/a", "other/b", "public"} {
			if err := os.MkdirAll(in(folder), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		text := "zones = ['z/*/*.zone', 'named', 'missing']\nsites.x.root = 'site'\n"
		err := errors.Join(os.WriteFile(in("z/a/1.zone"), nil, 0o600), os.WriteFile(in("other/b/1.zone"), nil, 0o600), os.WriteFile(in("named"), nil, 0o600),
			os.Symlink("public", in("site")), os.WriteFile(in("tinycdn.toml"), []byte(text), 0o600))
		if err != nil {
			t.Fatal(err)
		}
		var r Reader
		for !r.Unchanged() { // what is very young may still change and not tell
			r.Load(in("tinycdn.toml"), false, nil)
		}
		before := r.Load(in("tinycdn.toml"), false, nil)
		if err := test.change(in); err != nil {
			t.Fatal(err)
		}
		if busy := r.Load(in("tinycdn.toml"), false, func(diag.Files) bool { return false }); busy != before {
			t.Errorf("%s: read before it has settled", what)
		}
		if after := r.Load(in("tinycdn.toml"), false, nil); (after != before) != test.seen {
			t.Errorf("%s: read again: %v", what, after != before)
		}
	}
}
