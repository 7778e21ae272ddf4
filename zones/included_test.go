package zones

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong between records is told without the names of those that come from an included file.
func TestWhatIsIncludedIsNotQuotedByTheChecksEither(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"zone":     "$TTL 5\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns.example.net.\nown CNAME a\nown A 192.0.2.1\n$INCLUDE included\n",
		"included": "secret CNAME secret2\nsecret A 192.0.2.1\nsecret3 CNAME secret\nsecret3 CNAME other\n@ MX 10 secret3\nsecret4 NS ns.secret4\nsecret5 DNAME x\na.secret5 A 192.0.2.1\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := Load(filepath.Join(folder, "zone"), "example.org", nil)
	own, included := 0, 0
	for _, p := range append(l.Problems, l.Notes...) {
		switch {
		case filepath.Base(p.File) == "zone" && strings.Contains(p.Text, "own.example.org"):
			own++
		case filepath.Base(p.File) == "included" && !strings.Contains(p.Text, "secret") && p.Line > 0 && p.Text != "":
			included++
		default:
			t.Errorf("got %v", p)
		}
	}
	if own != 2 || included < 4 {
		t.Errorf("got %v, %v", l.Problems, l.Notes)
	}
}
