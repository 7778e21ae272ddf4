package worldmap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// example is a picture with a dot in each of many places, in the colours of some POPs.
func example(pops, dots int) *Picture {
	p := &Picture{Title: "Who goes where: <a> & b", Notes: []string{"Data by somebody", strings.Repeat("a long note ", 40)}}
	random := rand.New(rand.NewPCG(1, 7))
	for i := range pops {
		name := fmt.Sprintf("pop%d", i)
		p.Kinds = append(p.Kinds, Kind{Name: name, Share: "3 %"})
		p.POPs = append(p.POPs, POP{Name: name, Lat: random.Float64()*120 - 50, Lon: random.Float64()*360 - 180, Kind: i})
	}
	for range dots {
		k := &p.Kinds[random.IntN(pops)]
		k.Dots = append(k.Dots, Dot{random.Float64()*120 - 50, random.Float64()*360 - 180, math.Exp(random.Float64() * 12)})
	}
	return p
}

// TestSVGIsWellFormedAndNamesEachPOP, and is no larger than a page should load, however much is on it.
func TestSVGIsWellFormedAndNamesEachPOP(t *testing.T) {
	t.Parallel()
	for _, pops := range []int{1, 3, 12, 60} {
		p := example(pops, 100_000)
		var file bytes.Buffer
		if err := p.WriteSVG(&file); err != nil {
			t.Fatal(err)
		}
		svg := file.Bytes()
		var texts []string
		for decoder := xml.NewDecoder(bytes.NewReader(svg)); ; {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if text, ok := token.(xml.CharData); ok {
				texts = append(texts, string(text))
			}
		}
		for _, want := range append([]string{p.Title, "Data by somebody"}, names(p)...) {
			if !slices.Contains(texts, want) {
				t.Errorf("of %d POPs: %q is not in the picture", pops, want)
			}
		}
		if len(svg) > 300_000 {
			t.Errorf("of %d POPs: %d octets", pops, len(svg))
		}
		if bytes.Contains(svg, []byte("href")) || bytes.Contains(svg, []byte("url(")) {
			t.Errorf("of %d POPs: it loads something", pops)
		}
	}
}

func names(p *Picture) (list []string) {
	for _, k := range p.Kinds {
		list = append(list, k.Name)
	}
	return list
}

// TestNamesOnTheMapCoverNoOther, and none leaves the picture.
func TestNamesOnTheMapCoverNoOther(t *testing.T) {
	t.Parallel()
	s := example(40, 10).layOut()
	var boxes []box
	for _, m := range s.marks {
		if m.name.line == "" {
			continue
		}
		at := m.name.at
		boxes = append(boxes, box{at.X, at.Y - nameSize*3/4, at.X + textWidth(m.name.line, nameSize), at.Y + nameSize/5})
	}
	if len(boxes) < 30 {
		t.Errorf("only %d of 40 names are on the map", len(boxes))
	}
	for i, b := range boxes {
		if b.left < 0 || b.right > s.width || slices.ContainsFunc(boxes[:i], b.overlaps) {
			t.Errorf("%v covers another name, or leaves the picture", b)
		}
	}
}

func TestPNGShowsLandDotsAndPOPs(t *testing.T) {
	t.Parallel()
	p := &Picture{
		Title: "t", Kinds: []Kind{{Name: "fra", Dots: []Dot{{50, 20, 5}}}, {Name: "stays", Quiet: true, Dots: []Dot{{0, -60, 5}}}},
		POPs: []POP{{"fra", 10, 20, 0}, {"syd", -25, 135, -1}},
	}
	var file bytes.Buffer
	if err := p.WritePNG(&file); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	s := p.layOut()
	if size := img.Bounds().Size(); size.X != s.width/5 || size.Y != s.height/5 {
		t.Errorf("it is %v", size)
	}
	for _, c := range []struct {
		lat, lon float64
		want     string
	}{
		{10, 20, "4477aa"},     // the POP's own colour
		{-25, 135, "1d2433"},   // one without
		{50, 20, "6d94bb"},     // a dot lets through some of the land
		{0, -60, "adadae"},     // and so does a quiet one
		{60, 100, "e8eaee"},    // Siberia
		{0, -30, "ffffff"},     // the Atlantic
		{67.3, -177, "e8eaee"}, // the end of Russia, beyond the date line
		{-30, -179, "ffffff"},
	} {
		x, y := Project(c.lat, c.lon)
		r, g, b, _ := img.At(int((x+margin)*dpu), int((y+float64(s.mapTop))*dpu)).RGBA()
		if got := fmt.Sprintf("%02x%02x%02x", r>>8, g>>8, b>>8); got != c.want {
			t.Errorf("at %g, %g: got %s, want %s", c.lat, c.lon, got, c.want)
		}
	}
}

func TestNeighboursHaveOtherColours(t *testing.T) {
	t.Parallel()
	p := example(30, 0)
	colours := p.colours()
	if first := slices.Compact(slices.Sorted(slices.Values(colours[:quiet]))); len(first) != quiet {
		t.Errorf("the first eight have the colours %v", colours[:quiet])
	}
	for i := range p.POPs {
		nearest := -1
		for j := range i {
			if nearest < 0 || apart(&p.POPs[i], &p.POPs[j]) < apart(&p.POPs[i], &p.POPs[nearest]) {
				nearest = j
			}
		}
		if nearest >= 0 && colours[nearest] == colours[i] {
			t.Errorf("%s has the colour of %s, which is the nearest", p.POPs[i].Name, p.POPs[nearest].Name)
		}
	}
}

func TestTextHasLettersAndFits(t *testing.T) {
	t.Parallel()
	p := &Picture{
		Title: "who\x1b[2J goes",
		Kinds: []Kind{{Name: "nyc", Share: "60 %", Dots: []Dot{{40, -100, 100}}}, {Name: "nrt", Share: "1 %", Dots: []Dot{{36, 139, 1}}}, {Name: "stays", Quiet: true, Dots: []Dot{{-25, 135, 10}}}},
		POPs:  []POP{{"nyc", 40.7, -74, 0}},
		Notes: []string{"a note"},
	}
	text := p.Text(80, false)
	for _, want := range []string{"who [2J goes\n\n", "N", "*", ":", "\nn nyc 60 %\nr nrt 1 %\n: stays \na note\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	for _, columns := range []int{1, 80, 200, 10_000} {
		for _, colour := range []bool{false, true} {
			text := p.Text(columns, colour)
			if strings.Contains(text, "\x1b") != colour {
				t.Errorf("with colour %v: %q", colour, text)
			}
			for line := range strings.Lines(text) {
				if !colour && len(strings.TrimSuffix(line, "\n")) > max(min(columns, mostColumns), leastColumns) {
					t.Errorf("of %d columns: %q", columns, line)
				}
			}
		}
	}
	empty := (&Picture{Title: "nobody"}).Text(60, false)
	if !strings.HasPrefix(empty, "nobody\n\n") || !strings.Contains(empty, "....") {
		t.Errorf("got\n%s", empty)
	}
}

// TestProjectIsEqualEarth by the values of its authors' own table, and by its edges.
func TestProjectIsEqualEarth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lat, lon, x, y float64 }{
		{0, 0, Width / 2, top}, {0, 180, Width, top}, {0, -180, 0, top}, {90, 0, Width / 2, top - 1.3173627591574*scale},
	} {
		if x, y := Project(c.lat, c.lon); math.Abs(x-c.x) > 0.01 || math.Abs(y-c.y) > 0.01 {
			t.Errorf("%g, %g: got %g, %g, want %g, %g", c.lat, c.lon, x, y, c.x, c.y)
		}
	}
	// Equal areas are equal: of cells of one degree, on the globe and on the map.
	area := func(lat, lon float64) float64 {
		x0, y0 := Project(lat, lon)
		x1, y1 := Project(lat, lon+0.01)
		x2, y2 := Project(lat+0.01, lon)
		return math.Abs((x1-x0)*(y2-y0)-(x2-x0)*(y1-y0)) / math.Cos((lat+0.005)*math.Pi/180)
	}
	for _, at := range [][2]float64{{0, 0}, {60, 20}, {-40, 150}, {75, -170}} {
		if got, want := area(at[0], at[1]), area(1, 1); math.Abs(got/want-1) > 0.001 {
			t.Errorf("at %v a cell has %g of what one has at the equator", at, got/want)
		}
	}
}

func TestLandIsWhatWasPacked(t *testing.T) {
	t.Parallel()
	rings, err := DecodeLand(landFile)
	if err != nil || len(rings) < 50 {
		t.Fatalf("%d outlines, %v", len(rings), err)
	}
	if !bytes.Equal(EncodeLand(rings), landFile) {
		t.Error("packed again, land is other octets")
	}
	for _, ring := range rings {
		for i, p := range ring {
			if p.X < 0 || p.X > Width || math.Abs(float64(p.X-ring[max(i-1, 0)].X)) > Width/3 {
				t.Errorf("an outline goes from %v to %v", ring[max(i-1, 0)], p)
			}
		}
	}
	for _, cut := range []int{1, len(landFile) / 2, len(landFile) - 1} {
		if _, err := DecodeLand(landFile[:cut]); err == nil {
			t.Errorf("cut after %d octets, it is taken", cut)
		}
	}
}
