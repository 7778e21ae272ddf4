package page

import (
	"strconv"
	"strings"
	"testing"
)

func TestAcceptEncodingIsReadByWeight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field                    string
		identity, gzip, br, zstd uint16
	}{
		{"", 1, 0, 0, 0},
		{"gzip", 1, 1000, 0, 0},
		{"gzip, deflate, br, zstd", 1, 1000, 1000, 1000},
		{"GZIP,Br", 1, 1000, 1000, 0},
		{"x-gzip", 1, 1000, 0, 0},
		{"gzip;q=0.5, br;q=1.0, zstd;q=0.001", 1, 500, 1000, 1},
		{"gzip ; q=0.5", 1, 500, 0, 0},
		{"gzip;Q=0.12", 1, 120, 0, 0},
		{"gzip;q=0", 1, 0, 0, 0},
		{"gzip;q=0.", 1, 0, 0, 0},
		{"gzip;q=0.000", 1, 0, 0, 0},
		{"identity", 1000, 0, 0, 0},
		{"identity;q=0", 0, 0, 0, 0},
		{"gzip, identity;q=0", 0, 1000, 0, 0},
		{"*", 1000, 1000, 1000, 1000},
		{"*;q=0", 0, 0, 0, 0},
		{"*;q=0, gzip", 0, 1000, 0, 0},
		{"gzip;q=0.2, *;q=0.7", 700, 200, 700, 700},
		{"br;q=1, br;q=0", 1, 0, 0, 0}, // the last word counts

		// What is no weight makes its item void, and no other.
		{"gzip;q=2, br", 1, 0, 1000, 0},
		{"gzip;q=1.001, br", 1, 0, 1000, 0},
		{"gzip;q=0.1234, br", 1, 0, 1000, 0},
		{"gzip;q=, br", 1, 0, 1000, 0},
		{"gzip;q=-1, br", 1, 0, 1000, 0},
		{"gzip;q=1e0, br", 1, 0, 1000, 0},
		{"gzip;level=9, br", 1, 0, 1000, 0},
		{"gzip;q=0.5;level=9, br", 1, 0, 1000, 0},
		{",,, ,br,", 1, 0, 1000, 0},
		{"gzip br", 1, 0, 0, 0},
		{"deflate, compress, exi", 1, 0, 0, 0},
		{"\x00gzip", 1, 0, 0, 0},
	} {
		want := Accepted{Identity: c.identity, Gzip: c.gzip, Brotli: c.br, Zstd: c.zstd}
		if got := Accept(c.field); got != want {
			t.Errorf("%q: got %v, want %v", c.field, got, want)
		}
	}
}

func TestSmallestOfThoseThatWeighMostIsPicked(t *testing.T) {
	t.Parallel()
	p := New(prose(4000))
	p.Pack()
	size := func(c Coding) int { return len(p.ready[c].Load().Body) }
	if !(size(Brotli) < size(Zstd) && size(Brotli) < size(Gzip) && size(Gzip) < size(Identity)) {
		t.Fatalf("the table below expects other lengths than %d, %d, %d, %d", size(Identity), size(Gzip), size(Brotli), size(Zstd))
	}
	smaller := Gzip
	if size(Zstd) < size(Gzip) {
		smaller = Zstd
	}
	for _, c := range []struct {
		field string
		want  Coding
	}{
		{"", Identity},
		{"gzip", Gzip},
		{"gzip, deflate, br, zstd", Brotli},
		{"gzip, zstd", smaller},
		{"gzip;q=1, br;q=0.9", Gzip},
		{"zstd;q=0.001", Zstd},
		{"*", Brotli},
		{"br;q=0, *", smaller},
		{"identity", Identity},
		{"identity, gzip;q=0.5", Identity},
		{"identity, gzip", Gzip}, // of equal weight
		{"deflate", Identity},
		{"*;q=0", Identity}, // there is nothing that it accepts
		{"*;q=0, br", Brotli},
	} {
		if got := p.Negotiate(c.field); got.Coding != c.want {
			t.Errorf("%q: got %v, want %v", c.field, got.Coding, c.want)
		}
	}
}

func TestFirstVisitorGetsAQuickCodingAtOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field string
		want  Coding
	}{
		{"", Identity},
		{"gzip, deflate, br, zstd", Gzip},
		{"zstd, br", Zstd},
		{"gzip;q=0.5, zstd", Gzip}, // quicker to have than zstd
		{"br", Identity},           // it takes too long to make
		{"identity, gzip;q=0.5", Identity},
		{"deflate", Identity},
	} {
		if got := New(prose(4000)).Negotiate(c.field); got.Coding != c.want {
			t.Errorf("%q: got %v, want %v", c.field, got.Coding, c.want)
		}
	}
}

func TestPickAllocatesNothing(t *testing.T) {
	p := New(prose(4000))
	p.Pack()
	for _, field := range []string{"", "gzip", "gzip, deflate, br, zstd", "br;q=0.5, gzip;q=0.8, *;q=0.1"} {
		if n := testing.AllocsPerRun(100, func() { p.Negotiate(field) }); n != 0 {
			t.Errorf("%q: %v allocations", field, n)
		}
	}
}

// FuzzAccept compares with a reader that takes its time.
func FuzzAccept(f *testing.F) {
	for _, field := range []string{"gzip, deflate, br, zstd", "gzip;q=0.5, *;q=0", " x-gzip ;q=1.000,,identity;q=0.", "br;q=1.1;x"} {
		f.Add(field)
	}
	f.Fuzz(func(t *testing.T, field string) {
		if got, want := Accept(field), slowAccept(field); got != want {
			t.Errorf("%q: got %v, want %v", field, got, want)
		}
	})
}

func slowAccept(field string) Accepted {
	said := map[string]float64{}
	for _, item := range strings.Split(field, ",") {
		parts := strings.SplitN(item, ";", 2)
		name, weight := strings.ToLower(strings.Trim(parts[0], " \t")), 1.0
		if len(parts) == 2 && strings.Trim(parts[1], " \t") != "" {
			text, ok := strings.CutPrefix(strings.ToLower(strings.Trim(parts[1], " \t")), "q=")
			value, err := strconv.ParseFloat(text, 64)
			if !ok || err != nil || strings.Trim(text, "0123456789.") != "" || text[0] == '.' || len(text) > 5 || value > 1 || len(text) > 1 && text[1] != '.' {
				continue
			}
			weight = value
		}
		if name == "x-gzip" {
			name = "gzip"
		}
		said[name] = weight
	}
	result := Accepted{}
	for c := range codings {
		weight, named := said[c.String()]
		other, wild := said["*"]
		switch {
		case named:
			result[c] = uint16(weight*1000 + 0.5)
		case wild:
			result[c] = uint16(other*1000 + 0.5)
		case c == Identity:
			result[c] = 1
		}
	}
	return result
}
