package page

import (
	"bytes"
	"testing"
)

func TestPackedFileHoldsTheBodyAndNothingElse(t *testing.T) {
	t.Parallel()
	body := prose(300_000).Body
	for c := Gzip; c < codings; c++ {
		packed := compress(c, body)
		damaged := bytes.Clone(packed)
		damaged[len(damaged)/2] ^= 0x55
		for _, file := range []struct {
			about  string
			packed []byte
			body   []byte
			want   bool
		}{
			{"the body", packed, body, true},
			{"an empty body", compress(c, nil), nil, true},
			{"less", packed, append(bytes.Clone(body), 'x'), false},
			{"more", packed, body[:len(body)-1], false},
			{"more than nothing", packed, nil, false},
			{"another", packed, append([]byte("x"), body[1:]...), false},
			{"half of it", packed[:len(packed)/2], body, false},
			{"all but the end", packed[:len(packed)-1], body, false},
			{"damaged", damaged, body, false},
			{"something behind it", append(bytes.Clone(packed), "x"...), body, false},
			{"nothing", nil, body, false},
			{"the body as it is", body, body, false},
			{"a bomb", compress(c, make([]byte, 50<<20)), body, false},
		} {
			if got := Holds(c, file.packed, file.body); got != file.want {
				t.Errorf("%v, %s: got %v", c, file.about, got)
			}
		}
	}
	if Holds(Identity, body, body) {
		t.Error("identity is no packed form")
	}
}

func TestCodingIsKnownByTheEndOfAName(t *testing.T) {
	t.Parallel()
	for extension, want := range map[string]Coding{".gz": Gzip, ".br": Brotli, ".zst": Zstd} {
		if got, ok := CodingOf(extension); got != want || !ok {
			t.Errorf("%s: got %v, %v", extension, got, ok)
		}
	}
	for _, extension := range []string{"", ".html", ".GZ", ".bz2", "gz"} {
		if got, ok := CodingOf(extension); ok {
			t.Errorf("%s: got %v", extension, got)
		}
	}
}

// FuzzHolds lets nothing but the body pass, whatever a file holds.
func FuzzHolds(f *testing.F) {
	body := prose(300).Body
	for c := Gzip; c < codings; c++ {
		f.Add(byte(c), compress(c, body))
	}
	f.Fuzz(func(t *testing.T, coding byte, packed []byte) {
		c := Coding(coding % uint8(codings))
		if Holds(c, packed, body) && Holds(c, packed, body[1:]) {
			t.Errorf("%v: % x holds two bodies", c, packed)
		}
	})
}
