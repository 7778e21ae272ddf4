package zones_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/zones"
	"tinycdn/zones/zonestest"
)

func TestASoundZoneIsVerified(t *testing.T) {
	t.Parallel()
	f := zonestest.Must(t, zonestest.Everything)
	for path, l := range f.Loaded {
		if problems := f.Store.Current().Verify(l.Value, path, "", l.Files); len(problems) > 0 {
			t.Errorf("%s: %v", path, problems)
		}
	}
}

func TestRandomZonesAreVerified(t *testing.T) {
	t.Parallel()
	f, _ := zonestest.New(t, nil)
	f.SetMaps(t, zonestest.Maps(t))
	verified := 0
	for seed := range uint64(100) {
		text := randomZone(rand.New(rand.NewPCG(seed, 2)), "example")
		f.Load(t, map[string]string{"example": text})
		for path, l := range f.Loaded {
			verified++
			if problems := f.Store.Current().Verify(l.Value, path, "", l.Files); len(problems) > 0 {
				t.Errorf("%v\n%s", problems, text)
			}
		}
	}
	if verified < 30 {
		t.Errorf("only %d zones were verified", verified)
	}
}

func TestAZoneWhoseFileHasChangedIsNotVerified(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "example.org.zone")
	for i := range 2 {
		text := fmt.Sprintf("@ 60 SOA ns.test. h.test. %d 2 3 4 5\n@ 60 NS ns.test.\n", i)
		if err := os.WriteFile(path, []byte(text+strings.Repeat(";", i)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := zones.Load(path, "", nil)
	if problems := zones.NewStore().Current().Verify(l.Value, path, "", l.Files); len(problems) > 0 {
		t.Fatal(problems)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	problems := zones.NewStore().Current().Verify(l.Value, path, "", l.Files)
	if len(problems) != 1 || !strings.Contains(problems[0].Text, "has changed") {
		t.Errorf("got %v", problems)
	}
}
