package channel

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// piece is what came of a content.
type piece struct {
	hash       manifest.Hash
	size, from int64
	data       string
}

func packed(t testing.TB, from int64, contents ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewFrameWriter(&b)
	for _, text := range contents {
		from := min(from, int64(len(text)))
		if err := w.WriteContent(sha256.Sum256([]byte(text)), int64(len(text)), from, strings.NewReader(text[from:])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpacked(r io.Reader) (list []piece, err error) {
	frames := NewFrameReader(r)
	defer frames.Close()
	for {
		p := piece{}
		var rest io.Reader
		if p.hash, p.size, p.from, rest, err = frames.Next(); err != nil {
			return list, err
		}
		data, err := io.ReadAll(rest)
		if err != nil {
			return list, err
		}
		p.data = string(data)
		list = append(list, p)
	}
}

// noise is what cannot be packed.
func noise(n int) string {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return string(b)
}

func TestContentsArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	contents := []string{"", "a", strings.Repeat("text ", 1000), noise(chunk), noise(chunk + 1), strings.Repeat("x", 3*chunk), strings.Repeat("x", chunk) + noise(chunk), ""}
	for _, from := range []int64{0, 1, 4999, chunk - 1, chunk, chunk + 1, 3 * chunk} {
		got, err := unpacked(bytes.NewReader(packed(t, from, contents...)))
		if err != io.EOF || len(got) != len(contents) {
			t.Fatalf("from %d: %d contents, %v", from, len(got), err)
		}
		for i, text := range contents {
			from := min(from, int64(len(text)))
			if want := (piece{sha256.Sum256([]byte(text)), int64(len(text)), from, text[from:]}); got[i] != want {
				t.Errorf("content %d of %d octets from %d: got %d of %d from %d", i, len(text), from, len(got[i].data), got[i].size, got[i].from)
			}
		}
	}
	if n := len(packed(t, 0, strings.Repeat("text ", 100_000))); n > 2000 {
		t.Errorf("500 KB of one word are %d octets on the wire", n)
	}
}

func TestEveryOffsetGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	text := noise(300)
	for from := range int64(301) {
		got, err := unpacked(bytes.NewReader(packed(t, from, text)))
		if err != io.EOF || len(got) != 1 || text[:from]+got[0].data != text || got[0].from != from {
			t.Fatalf("from %d: %v, %v", from, got, err)
		}
	}
}

func TestACutIsSeenWhereverItIs(t *testing.T) {
	t.Parallel()
	stream := packed(t, 0, "one", strings.Repeat("two ", 100), noise(200), "")
	boundaries := map[int]bool{0: true, len(stream): true}
	for i, n := 0, len(stream); i < n; {
		i += headerSize + int(binary.BigEndian.Uint32(stream[i+49:]))
		boundaries[i] = true
	}
	for n := range len(stream) + 1 {
		_, err := unpacked(bytes.NewReader(stream[:n]))
		if want := map[bool]error{true: io.EOF, false: io.ErrUnexpectedEOF}[boundaries[n]]; err != want {
			t.Errorf("cut at %d: got %v, want %v", n, err, want)
		}
	}
}

// frame is one as it is on the wire.
func frame(hash byte, size, from uint64, coding byte, length uint32, data string) string {
	b := slices.Concat([]byte{hash}, make([]byte, 31))
	b = binary.BigEndian.AppendUint64(b, size)
	b = binary.BigEndian.AppendUint64(b, from)
	return string(binary.BigEndian.AppendUint32(append(b, coding), length)) + data
}

func TestFramesThatAreNone(t *testing.T) {
	t.Parallel()
	encoder, _ := zstd.NewWriter(nil)
	pack := func(text string) string { return string(encoder.EncodeAll([]byte(text), nil)) }
	bomb := pack(strings.Repeat("\x00", 64<<20))
	for name, stream := range map[string]string{
		"a size of 2^63":             frame(1, 1<<63, 0, 0, 1, "a"),
		"a length of 2^32 - 1":       frame(1, 1<<40, 0, 0, 1<<32-1, "a"),
		"a begin beyond the end":     frame(1, 5, 6, 0, 0, ""),
		"more than the content":      frame(1, 5, 3, 0, 3, "abc"),
		"nothing, again and again":   strings.Repeat(frame(1, 5, 0, 0, 0, ""), 1000),
		"nothing, but packed":        frame(1, 5, 0, 1, uint32(len(pack(""))), pack("")),
		"a coding that there is not": frame(1, 5, 0, 2, 1, "a"),
		"what is not zstd":           frame(1, 5, 0, 1, 5, "abcde"),
		"zstd that was cut":          frame(1, 5, 0, 1, 5, pack("abcde")[:5]),
		"a bomb":                     frame(1, 64<<20, 0, 1, uint32(len(bomb)), bomb),
		"another content between":    frame(1, 5, 0, 0, 1, "a") + frame(2, 5, 1, 0, 1, "b"),
		"another size":               frame(1, 5, 0, 0, 1, "a") + frame(1, 6, 1, 0, 1, "b"),
		"a gap":                      frame(1, 5, 0, 0, 1, "a") + frame(1, 5, 2, 0, 1, "b"),
		"the same again":             frame(1, 5, 0, 0, 1, "a") + frame(1, 5, 0, 0, 1, "a"),
		"what is no frame":           strings.Repeat("GET / HTTP/1.1\r\n", 10),
	} {
		if got, err := unpacked(strings.NewReader(stream)); err != errFrame || len(got) > 0 {
			t.Errorf("%s: %d contents, %v", name, len(got), err)
		}
	}
}

func TestWhatIsNotReadIsNotPassedOver(t *testing.T) {
	t.Parallel()
	frames := NewFrameReader(bytes.NewReader(packed(t, 0, "one", "two")))
	defer frames.Close()
	frames.Next()
	for range 2 {
		if _, _, _, _, err := frames.Next(); err != errFrame {
			t.Error(err)
		}
	}
}

func TestAContentThatIsNotAsLongAsItIsSaidToBe(t *testing.T) {
	t.Parallel()
	w := NewFrameWriter(io.Discard)
	for _, c := range []struct{ size, from int64 }{{4, 0}, {2, 3}, {3, -1}, {-1, 0}, {3, 1}} { // one octet too few, or none at all
		if err := w.WriteContent(manifest.Hash{}, c.size, c.from, strings.NewReader("abc"[:min(3, max(0, c.size-c.from-1))])); err == nil {
			t.Errorf("%v is written", c)
		}
	}
}

func TestMemoryOfAStreamIsBounded(t *testing.T) {
	text := strings.Repeat("x", 20*chunk)
	stream := packed(t, 0, text)
	r := NewFrameReader(nil)
	defer r.Close()
	b := make([]byte, 64<<10)
	allocated := testing.AllocsPerRun(5, func() {
		r.r.Reset(bytes.NewReader(stream))
		_, _, _, rest, err := r.Next()
		for err == nil {
			_, err = rest.Read(b)
		}
		if !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	})
	if allocated > 40 {
		t.Errorf("20 MB cost %v allocations", allocated)
	}
}

func FuzzFrames(f *testing.F) {
	f.Add(packed(f, 0, "one", "", strings.Repeat("two ", 50)))
	f.Add([]byte(frame(1, 5, 0, 0, 1, "a") + frame(1, 5, 1, 1, 4, "bcde")))
	f.Fuzz(func(t *testing.T, stream []byte) {
		list, err := unpacked(bytes.NewReader(stream))
		if err == nil {
			t.Error("it has no end")
		}
		for _, p := range list {
			if p.from < 0 || p.from+int64(len(p.data)) != p.size {
				t.Errorf("%d octets from %d of %d", len(p.data), p.from, p.size)
			}
		}
	})
}
