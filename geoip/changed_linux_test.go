package geoip

import (
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// Only Linux maps the files. Elsewhere they are read whole, and may change afterwards.
func TestFileCutShortWhileOpenIsAnError(t *testing.T) {
	t.Parallel()
	var entries []entry
	for i := range 5000 { // several pages
		entries = append(entries, entry{netip.PrefixFrom(netip.AddrFrom4([4]byte{1, byte(i >> 8), byte(i), 0}), 24).String(),
			object{"asn": mmdbtype.Uint32(i)}})
	}
	path := writeMMDB(t, mmdbwriter.Options{}, entries...)
	d := open(t, path)
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	spec := Spec{Decide: func(loc *Location) uint16 { return uint16(loc.ASN) }}
	if _, err := Build(d, []Spec{spec}); err == nil || !strings.Contains(err.Error(), path+": changed while it was read") {
		t.Errorf("build: got %v, want that the file changed", err)
	}
	if _, _, err := d.Lookup(netip.MustParseAddr("1.2.3.4")); err == nil || !strings.Contains(err.Error(), path+": changed while it was read") {
		t.Errorf("look-up: got %v, want that the file changed", err)
	}
}
