package h2

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"

	"tinycdn/webserver/page"
)

// TestBlocks are those of RFC 7541 where it has them ("private" in C.6.1), and what nobody's table is touched by.
func TestBlocks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, want string }{
		{"Accept-Encoding", "gzip, deflate", "90"},            // of the static table
		{"Cache-Control", "private", "0f09" + "85aec3771a4b"}, // its name is
		{"Age", "0", "0f06" + "0130"},
		{"Server-Timing", "x", "00" + "8a416cee5b1649a935537f" + "0178"}, // nothing is
	} {
		got := hex.EncodeToString(pack([]page.FieldValues{{Name: c.name, Values: []string{c.value}}}))
		if got != c.want {
			t.Errorf("%s: %s: got %s, want %s", c.name, c.value, got, c.want)
		}
	}
}

// TestBlocksNeedNoTable: they are read the same by whoever has seen others, and change nothing for him.
func TestBlocksNeedNoTable(t *testing.T) {
	t.Parallel()
	fields := []page.FieldValues{
		{Name: "Content-Type", Values: []string{"text/html; charset=utf-8"}}, {Name: "Etag", Values: []string{`"0123456789abcdef"`}},
		{Name: "Vary", Values: []string{"Accept-Encoding", "Origin"}}, {Name: "X-Pop", Values: []string{"fra"}}, {Name: "Connection", Values: []string{"close"}},
		{Name: "Content-Length", Values: []string{strings.Repeat("9", 300)}}, {Name: "X-Nothing"},
	}
	want := []string{
		"content-type: text/html; charset=utf-8", `etag: "0123456789abcdef"`, "vary: Accept-Encoding", "vary: Origin", "x-pop: fra",
		"content-length: " + strings.Repeat("9", 300),
	}
	d := hpack.NewDecoder(0, nil) // it has no room for a table
	for range 2 {
		var got []string
		d.SetEmitFunc(func(f hpack.HeaderField) { got = append(got, f.Name+": "+f.Value) })
		if _, err := d.Write(pack(fields)); err != nil || d.Close() != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
}

func TestStatusBlocks(t *testing.T) {
	t.Parallel()
	for status := 100; status < 1000; status++ {
		var room [5]byte
		fields, err := hpack.NewDecoder(0, nil).DecodeFull(statusBlock(status, &room))
		if err != nil || len(fields) != 1 || fields[0].Name != ":status" || fields[0].Value != itoa(status) {
			t.Errorf("%d: got %v, %v", status, fields, err)
		}
	}
}

func itoa(n int) string {
	return string([]byte{'0' + byte(n/100), '0' + byte(n/10%10), '0' + byte(n%10)})
}
