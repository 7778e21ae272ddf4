package huffman

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"
)

// decoded is the twin: x/net's decoder.
func decoded(packed []byte) ([]byte, bool) {
	text, err := hpack.HuffmanDecodeToString(packed)
	return []byte(text), err == nil
}

func compare(t *testing.T, packed []byte) {
	t.Helper()
	before := []byte("before ")
	got, ok := AppendDecoded(bytes.Clone(before), packed)
	want, fine := decoded(packed)
	if ok != fine || ok && string(got) != "before "+string(want) {
		t.Fatalf("%x: got %q, %v, want %q, %v", packed, got, ok, want, fine)
	}
}

func TestEveryOctetIsReadAtEveryPlace(t *testing.T) {
	t.Parallel()
	for octet := range 256 {
		for before := range 16 {
			text := strings.Repeat("a", before) + string([]byte{byte(octet)})
			for _, text := range []string{text, text + "x", text + text} {
				packed := hpack.AppendHuffmanString(nil, text)
				if got, ok := AppendDecoded(nil, packed); !ok || string(got) != text {
					t.Fatalf("%q: got %q, %v", text, got, ok)
				}
				for n := range packed { // torn
					compare(t, packed[:n])
				}
			}
		}
	}
}

// TestEveryEndIsJudged: what stands behind the last code may be up to seven ones.
func TestEveryEndIsJudged(t *testing.T) {
	t.Parallel()
	for _, begin := range []string{"", "a", "0000", "www.example.org", "\x00", "\n", strings.Repeat("Mozilla", 9)} {
		packed := hpack.AppendHuffmanString(nil, begin)
		for one := range 256 {
			compare(t, append(bytes.Clone(packed), byte(one)))
			for other := range 256 {
				compare(t, append(bytes.Clone(packed), byte(one), byte(other)))
			}
		}
		for n := range 9 {
			compare(t, append(bytes.Clone(packed), bytes.Repeat([]byte{0xff}, n)...))
		}
	}
}

func TestEndOfStringIsNoText(t *testing.T) {
	t.Parallel()
	for _, packed := range [][]byte{
		{0xff, 0xff, 0xff, 0xff}, {0xff, 0xff, 0xff, 0xfc}, {0xff, 0xff, 0xff, 0xfe, 0x3f}, // alone, and in front of "0"
		append(hpack.AppendHuffmanString(nil, "www"), 0xff, 0xff, 0xff, 0xff, 0xff),
		append([]byte{0xff, 0xff, 0xff, 0xff}, hpack.AppendHuffmanString(nil, "www.example.org")...),
		append([]byte{0xff, 0xff, 0xff, 0xfc}, bytes.Repeat([]byte{0}, 40)...),
	} {
		if text, ok := AppendDecoded(nil, packed); ok {
			t.Errorf("%x: got %q", packed, text)
		}
		compare(t, packed)
	}
}

func FuzzAppendDecoded(f *testing.F) {
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Add(hpack.AppendHuffmanString(nil, agent))
	f.Add(hpack.AppendHuffmanString(nil, "\x00\xff\n\x80"))
	f.Fuzz(func(t *testing.T, b []byte) {
		compare(t, b)
		if text, ok := AppendDecoded(nil, hpack.AppendHuffmanString(nil, string(b))); !ok || !bytes.Equal(text, b) {
			t.Fatalf("%q: got %q, %v", b, text, ok)
		}
	})
}

const agent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36`

func TestDecodingAllocatesNothing(t *testing.T) {
	packed, room := hpack.AppendHuffmanString(nil, agent), make([]byte, 0, 256)
	if got := testing.AllocsPerRun(100, func() { AppendDecoded(room, packed) }); got > 0 {
		t.Errorf("%v allocations", got)
	}
}

func BenchmarkDecode(b *testing.B) {
	packed, room := hpack.AppendHuffmanString(nil, agent), make([]byte, 0, 256)
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			AppendDecoded(room, packed)
		}
	})
	b.Run("hpack", func(b *testing.B) {
		b.ReportAllocs()
		var out bytes.Buffer
		for b.Loop() {
			out.Reset()
			hpack.HuffmanDecode(&out, packed)
		}
	})
}
