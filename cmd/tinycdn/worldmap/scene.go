package worldmap

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// scene is a picture laid out: all that is drawn, in units of 1/10 of the map's, from the upper left corner of the whole.
type scene struct {
	width, height int
	mapTop        int
	layers        []layer // dots, from below
	marks         []mark  // POPs
	texts         []text
	swatches      []swatch // of the legend
}

// layer is dots of one colour and size.
type layer struct {
	colour int
	radius float64
	dots   []Point
}

// mark is where a POP is, and what it is called; "": there is no room for its name, which the legend has.
type mark struct {
	at     Point
	colour int
	name   text
}

// text is a line of it; its place is the left end of its baseline.
type text struct {
	at    Point
	size  int
	bold  bool
	quiet bool
	line  string
}

type swatch struct {
	at     Point
	colour int
}

// Sizes and distances of the page.
const (
	margin     = 160
	titleSize  = 170
	nameSize   = 130
	legendSize = 130
	noteSize   = 105
	markRadius = 42
	legendRow  = 210
	noteRow    = 150

	mapTop = margin + titleSize + margin/2
)

// layOut puts everything in its place.
func (p *Picture) layOut() *scene {
	colours := p.colours()
	s := &scene{width: Width + 2*margin, mapTop: mapTop}
	s.texts = append(s.texts, text{Point{margin, margin + titleSize - 20}, titleSize, true, false, fitting(p.Title, titleSize, Width)})
	s.layDots(p, colours)
	s.layMarks(p, colours)
	s.height = s.mapTop + Height + margin
	s.layLegend(p, colours)
	for _, note := range p.Notes {
		for _, line := range wrapped(note, noteSize, Width) {
			s.texts = append(s.texts, text{Point{margin, s.height + noteSize - 20}, noteSize, false, true, line})
			s.height += noteRow
		}
	}
	s.height += margin / 2
	return s
}

// radii are the sizes that dots have: few, so that many dots are one path.
var radii = []float64{8, 11, 15, 20, 27, 37, 50, 68, 90, 115}

// layDots gives the heaviest place the largest dot, and the others theirs by area.
func (s *scene) layDots(p *Picture, colours []int) {
	spots := p.spots()
	most := 0.0
	for _, d := range spots {
		most = max(most, d.weight)
	}
	for _, d := range spots {
		wanted := radii[len(radii)-1] * math.Sqrt(d.weight/most)
		size := 0
		for size+1 < len(radii) && radii[size+1] <= wanted {
			size++
		}
		colour, radius := colours[d.kind], radii[size]
		at := Point{margin + int(math.Round(d.x)), s.mapTop + int(math.Round(d.y))}
		i := slices.IndexFunc(s.layers, func(l layer) bool { return l.colour == colour && l.radius == radius })
		if i < 0 {
			i = len(s.layers)
			s.layers = append(s.layers, layer{colour, radius, nil})
		}
		s.layers[i].dots = append(s.layers[i].dots, at)
	}
	for _, l := range s.layers { // row by row: what is near is short to write, and packs well
		slices.SortFunc(l.dots, func(a, b Point) int { return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X)) })
	}
}

// layMarks puts a name beside each POP, where it covers none before it.
func (s *scene) layMarks(p *Picture, colours []int) {
	var taken []box
	for _, pop := range p.POPs {
		x, y := Project(pop.Lat, pop.Lon)
		at := Point{margin + int(x), s.mapTop + int(y)}
		taken = append(taken, box{at.X - markRadius, at.Y - markRadius, at.X + markRadius, at.Y + markRadius})
		s.marks = append(s.marks, mark{at: at, colour: dark})
		if pop.Kind >= 0 {
			s.marks[len(s.marks)-1].colour = colours[pop.Kind]
		}
	}
	for i, pop := range p.POPs {
		at, wide, gap := s.marks[i].at, textWidth(pop.Name, nameSize), markRadius+25
		for _, corner := range []Point{
			{at.X + gap, at.Y + nameSize/3}, {at.X - gap - wide, at.Y + nameSize/3}, {at.X - wide/2, at.Y - gap}, {at.X - wide/2, at.Y + gap + nameSize*3/4},
			{at.X + gap/2, at.Y - gap*2/3}, {at.X + gap/2, at.Y + gap + nameSize/2}, {at.X - gap/2 - wide, at.Y - gap*2/3}, {at.X - gap/2 - wide, at.Y + gap + nameSize/2},
		} {
			name := box{corner.X, corner.Y - nameSize*3/4, corner.X + wide, corner.Y + nameSize/5}
			if name.left < 0 || name.right > s.width || slices.ContainsFunc(taken, name.overlaps) {
				continue
			}
			taken = append(taken, name)
			s.marks[i].name = text{corner, nameSize, true, false, pop.Name}
			break
		}
	}
}

// box is what something covers.
type box struct{ left, top, right, bottom int }

func (b box) overlaps(other box) bool {
	return b.left < other.right && other.left < b.right && b.top < other.bottom && other.top < b.bottom
}

// layLegend names the kinds, in as many columns as there is room for.
func (s *scene) layLegend(p *Picture, colours []int) {
	wide := 0
	for _, k := range p.Kinds {
		wide = max(wide, textWidth(k.Name+"  "+k.Share, legendSize))
	}
	wide = min(wide+2*margin+160, Width)
	columns := max(1, Width/wide)
	for i, k := range p.Kinds {
		at := Point{margin + i%columns*wide, s.height + i/columns*legendRow + legendSize}
		s.swatches = append(s.swatches, swatch{Point{at.X + 50, at.Y - 45}, colours[i]})
		name := fitting(k.Name, legendSize, Width-textWidth(k.Share, legendSize)-300)
		s.texts = append(s.texts,
			text{Point{at.X + 150, at.Y}, legendSize, true, false, name},
			text{Point{at.X + 150 + textWidth(name+" ", legendSize) + 60, at.Y}, legendSize, false, true, k.Share})
	}
	s.height += (len(p.Kinds)+columns-1)/columns*legendRow + margin/2
}

// textWidth is how wide a line is, roughly: what font a viewer has is not known. Letters of Latin are some 0.6 of their height in the widest
// usual ones, others as wide as high.
func textWidth(line string, size int) int {
	width := 0
	for _, r := range line {
		if width += size * 6 / 10; r > 0x2000 {
			width += size * 4 / 10
		}
	}
	return width
}

// fitting is the beginning of a line that has room.
func fitting(line string, size, room int) string {
	if textWidth(line, size) <= room {
		return line
	}
	runes := []rune(line)
	for len(runes) > 0 && textWidth(string(runes)+"...", size) > room {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "..."
}

// wrapped breaks a line at its spaces.
func wrapped(line string, size, room int) (lines []string) {
	for _, word := range strings.Fields(line) {
		if n := len(lines); n > 0 && textWidth(lines[n-1]+" "+word, size) <= room {
			lines[n-1] += " " + word
			continue
		}
		lines = append(lines, fitting(word, size, room))
	}
	return lines
}
