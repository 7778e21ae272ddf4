package geoip

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/maxmind/mmdbwriter"
)

// FuzzWalk: whatever a file holds, opening and walking it ends, with a table or with an error.
func FuzzWalk(f *testing.F) {
	for _, path := range []string{
		writeMMDB(f, mmdbwriter.Options{}, entry{"192.0.2.0/24", nestedRecord("FR", "EU", 48.85, 2.35)}, entry{"2001:db8::/32", nestedRecord("DE", "EU", 52.5, 13.5)}),
		writeMMDB(f, mmdbwriter.Options{IPVersion: 4, RecordSize: 24}, entry{"192.0.2.0/24", flatRecord("FR", 48.5, 2.25)}, entry{"192.0.3.0/32", asn(7)}),
		writeMMDB(f, mmdbwriter.Options{RecordSize: 32, DisableIPv4Aliasing: true}, entry{"2001:db8::/128", flatRecord("FR", 48.5, 2.25)}),
	} {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
		// The library's gate is behind the metadata, so seeds that pass it but are wrong before it are worth more.
		for _, at := range []int{0, 5, 40, len(content) / 3} {
			wrong := append([]byte(nil), content...)
			wrong[at] ^= 0x55
			f.Add(wrong)
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "fuzz.mmdb")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Open([]string{path})
		if err != nil {
			return
		}
		defer d.Close()
		d.Lookup(netip.MustParseAddr("192.0.2.1"))
		d.Lookup(netip.MustParseAddr("2001:db8::1"))
		spec := Spec{Decide: func(loc *Location) uint16 { return uint16(loc.ASN)%7 + uint16(len(loc.Country)) }}
		tables, err := Build(d, []Spec{spec})
		if err != nil {
			return
		}
		// Every run is found by its first and last address, and no further.
		table := tables[0].Table()
		for _, h := range []*half{&table.v4, &table.v6} {
			for i := range h.starts {
				if first, last := h.exact(h.start(i)), h.exact(h.end(i)); first != i || last != i {
					t.Fatalf("run %d from %v to %v: found as %d and %d", i, h.start(i), h.end(i), first, last)
				}
			}
		}
	})
}
