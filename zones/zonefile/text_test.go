package zonefile

import (
	"strings"
	"testing"
)

// Whatever is in a record, its text can be shown in a terminal and a log.
func FuzzDataText(f *testing.F) {
	for _, data := range []string{"", "\xc0\x00\x02\x01", "\x03www\x00", "\x04\x1b[2J", "\x00\x01\x00", "\xc0\x0c"} {
		for _, typ := range []uint16{1, 5, 6, 15, 16, 33, 35, 42, 45, 55, 64, 65, 249, 250, 256, 257, 260, 65400} {
			f.Add(typ, []byte(data))
		}
	}
	f.Fuzz(func(t *testing.T, typ uint16, data []byte) {
		if len(data) > 65535 {
			return
		}
		if text := DataText(typ, data); strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%d %x: got %q", typ, data, text)
		}
	})
}
