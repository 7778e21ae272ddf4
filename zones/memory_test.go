package zones

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/zones/diag"
	"tinycdn/zones/records"
	"tinycdn/zones/zonefile"
)

// manyTargets is a zone whose answers take many times what its records do: each MX brings the addresses of its host along.
func manyTargets(count int) string {
	var b strings.Builder
	b.WriteString("$TTL 300\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns.example.net.\n")
	for i := range 20 {
		fmt.Fprintf(&b, "mail A 192.0.2.%d\n", i)
	}
	for i := range count {
		fmt.Fprintf(&b, "h%d MX 10 mail\n", i)
	}
	return b.String()
}

func TestAZoneHasABoundInOctetsToldWithFileAndLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, file, text, want string
		most                   int64
	}{
		{"enough", "z", manyTargets(1000), "", 8 << 20},
		{"records", "z", manyTargets(20_000), "z:4825: the zone takes more than 1 MB, a quarter of the memory here (GOMEMLIMIT gives more)", 1 << 20},
		{"records of a TOML zone", "z.toml", "records.'@'.NS = 'ns.example.net.'\n" + manyNames(20_000), "z.toml:5976: the zone takes more than 1 MB, a quarter of the memory here (GOMEMLIMIT gives more)", 1 << 20},
		{"answers", "z", manyTargets(5000), "z:2574: the zone takes more than 1 MB, a quarter of the memory here (GOMEMLIMIT gives more)", 3 << 19},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			path := filepath.Join(folder, test.file)
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			s := records.New()
			s.Most = test.most
			l := Loader{}.load(s, path, nil, func(s *records.Set) (zonefile.Zone, []diag.Problem) { return zonefile.Read(path, "example.org", s) })
			got := ""
			for _, p := range l.Problems {
				got += strings.TrimPrefix(p.String(), folder+"/")
			}
			if got != test.want || (l.Value == nil) != (test.want != "") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func manyNames(count int) string {
	var b strings.Builder
	b.WriteString("[records]\n")
	for i := range count {
		fmt.Fprintf(&b, "h%d.A = '192.0.2.1'\n", i)
	}
	return b.String()
}
