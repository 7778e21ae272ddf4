package rr

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"slices"
	"testing"
)

// plainLabels are those of a name without its end, the last first.
func plainLabels(name []byte) (list [][]byte) {
	for at := 0; at < len(name); at += 1 + int(name[at]) {
		list = append([][]byte{name[at+1 : at+1+int(name[at])]}, list...)
	}
	return list
}

// nameOf makes a name without its end of any octets: the first of each label says how long it is.
func nameOf(octets []byte) (name []byte) {
	for len(octets) > 1 && len(name) < 180 {
		n := min(1+int(octets[0]%12), len(octets)-1)
		name = append(append(name, byte(n)), Lowered(octets[1:1+n])...)
		octets = octets[1+n:]
	}
	return name
}

// FuzzCanonicalOrder holds the order, and the keys that stand for it, against labels compared one by one.
func FuzzCanonicalOrder(f *testing.F) {
	f.Add([]byte("\x02ab\x01c"), []byte("\x02ab\x01d"))
	f.Add([]byte("\x01a\x00"), []byte("\x02a\x00\x00"))
	f.Add([]byte("\x01\x01"), []byte("\x01\x00\x00"))
	f.Add([]byte("\x02z\x00\x01a"), []byte("\x01z\x01a"))
	f.Add([]byte("\x07example\x02\x01\x01"), []byte("\x07example\x01\x01"))
	f.Add([]byte(""), []byte("\x00\x00"))
	f.Fuzz(func(t *testing.T, one, other []byte) {
		a, b := nameOf(one), nameOf(other)
		want := slices.CompareFunc(plainLabels(a), plainLabels(b), bytes.Compare)
		if got := cmp.Compare(Compare(a, b), 0); got != want {
			t.Errorf("%q and %q: got %d, want %d", a, b, got, want)
		}
		x, y := CanonicalKey(a), CanonicalKey(b)
		if c := cmp.Compare(x, y); c != 0 && c != want || a != nil && bytes.Equal(a, b) && x != y {
			t.Errorf("%q and %q: keys %x and %x, want %d", a, b, x, y, want)
		}
	})
}

// TestHashesAreThoseOfTheRFC: RFC 5155, appendix A.
func TestHashesAreThoseOfTheRFC(t *testing.T) {
	t.Parallel()
	salt, _ := hex.DecodeString("aabbccdd")
	p := HashParams{Iterations: 12, Salt: salt}
	for name, want := range map[string]string{
		"\x07example\x00":                "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom",
		"\x01a\x07example\x00":           "35mthgpgcu1qg68fab165klnsnk3dpvl",
		"\x01*\x01w\x07example\x00":      "r53bq7cc2uvmubfu5ocmm6pers9tk9en",
		"\x01x\x01y\x01w\x07example\x00": "2vptu5timamqttgl4luu9kg21e0aor3s",
		"\x02xx\x07example\x00":          "t644ebqk9bibcna874givr6joj62mlhv",
	} {
		label := AppendHashLabel(nil, p.Hash([]byte(name)))
		if string(label) != "\x20"+want {
			t.Errorf("%q: got %q, want %q", name, label, want)
		}
		if sum, ok := HashOf(label); !ok || sum != p.Hash([]byte(name)) {
			t.Errorf("%q: it is not read back", want)
		}
	}
}
