package worldmap

import (
	"fmt"
	"math"
	"strings"
	"tinycdn/cmd/tinycdn/words"
	"unicode"
)

// Bounds of a picture in characters: below, nothing is to be seen, above it is larger than a screen.
const leastColumns, mostColumns = 40, 240

// Text is the picture in characters, so many in a line: each place has the letter of the kind that has the most there, a capital where there
// is much, and * where a POP is. With colour, a terminal shows the letters in the kinds' colours.
func (p *Picture) Text(columns int, colour bool) string {
	columns = min(max(columns, leastColumns), mostColumns)
	rows := columns * Height / Width / 2 // a character is twice as high as wide
	t := &grid{columns: columns, rows: rows, colours: p.colours(), letters: p.letters(), cells: make([]cell, columns*rows), colour: colour}
	t.place(p)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", words.Line(p.Title))
	for row := range rows {
		b.WriteString(t.row(row))
	}
	b.WriteByte('\n')
	for i, k := range p.Kinds {
		fmt.Fprintf(&b, "%s %s %s\n", t.painted(i, string(t.letters[i]), false), words.Line(k.Name), k.Share)
	}
	for _, note := range p.Notes {
		fmt.Fprintf(&b, "%s\n", words.Line(note))
	}
	return b.String()
}

// letters are one for each kind: the first of its name that no other has yet, else any that is left.
func (p *Picture) letters() []rune {
	const others = "abcdefghijklmnopqrstuvwxyz"
	list, taken := make([]rune, len(p.Kinds)), map[rune]bool{}
	for i, k := range p.Kinds {
		list[i] = '?' // for the twenty-seventh
		if k.Quiet {
			list[i] = ':'
			continue
		}
		for _, r := range strings.ToLower(k.Name) + others {
			if r >= 'a' && r <= 'z' && !taken[r] {
				list[i], taken[r] = r, true
				break
			}
		}
	}
	return list
}

// grid is the picture's characters.
type grid struct {
	columns, rows int
	colours       []int
	letters       []rune
	cells         []cell
	colour        bool
	most          float64 // the weight of the heaviest cell
}

// cell is a character.
type cell struct {
	weights []float64 // by kind; nil: nobody is there
	isPOP   bool
	kind    int // of the POP
}

// at is the cell of a point on the map; nil: it is outside.
func (g *grid) at(lat, lon float64) *cell {
	x, y := Project(lat, lon)
	column, row := int(x*float64(g.columns)/Width), int(math.Floor(y*float64(g.rows)/Height))
	if row < 0 || row >= g.rows {
		return nil
	}
	return &g.cells[row*g.columns+min(max(column, 0), g.columns-1)]
}

func (g *grid) place(p *Picture) {
	for i, k := range p.Kinds {
		for _, d := range k.Dots {
			if c := g.at(d.Lat, d.Lon); c != nil {
				if c.weights == nil {
					c.weights = make([]float64, len(p.Kinds))
				}
				c.weights[i] += d.Weight
			}
		}
	}
	for _, pop := range p.POPs {
		if c := g.at(pop.Lat, pop.Lon); c != nil {
			c.isPOP, c.kind = true, pop.Kind
		}
	}
	for i := range g.cells {
		_, sum := g.cells[i].heaviest()
		g.most = max(g.most, sum)
	}
}

// heaviest is the kind that has the most of a cell, and how much all have.
func (c *cell) heaviest() (kind int, sum float64) {
	for i, w := range c.weights {
		if sum += w; w > c.weights[kind] {
			kind = i
		}
	}
	return kind, sum
}

// row is a line of characters, without what is empty at its end.
func (g *grid) row(row int) string {
	var b strings.Builder
	blank := 0
	for column := range g.columns {
		c := &g.cells[row*g.columns+column]
		kind, sum := c.heaviest()
		text := ""
		switch {
		case c.isPOP:
			text = g.painted(c.kind, "*", true)
		case sum > 0 && sum >= g.most/16:
			text = g.painted(kind, string(unicode.ToUpper(g.letters[kind])), true)
		case sum > 0:
			text = g.painted(kind, string(g.letters[kind]), false)
		case g.isLand(column, row):
			text = "."
		default:
			blank++
			continue
		}
		b.WriteString(strings.Repeat(" ", blank) + text)
		blank = 0
	}
	return b.String() + "\n"
}

// isLand says whether the middle of a cell is on land: a line from it to the left crosses outlines an odd number of times.
func (g *grid) isLand(column, row int) bool {
	x, y := (float64(column)+0.5)*Width/float64(g.columns), (float64(row)+0.5)*Height/float64(g.rows)
	inside := false
	for _, ring := range land() {
		for i, a := range ring {
			b := ring[(i+1)%len(ring)]
			if (float64(a.Y) > y) != (float64(b.Y) > y) && x > float64(a.X)+(y-float64(a.Y))*float64(b.X-a.X)/float64(b.Y-a.Y) {
				inside = !inside
			}
		}
	}
	return inside
}

// painted is text in the colour of a kind.
func (g *grid) painted(kind int, text string, bold bool) string {
	if !g.colour || kind < 0 {
		return text
	}
	rgb, weight := palette[g.colours[kind]], ""
	if bold {
		weight = "1;"
	}
	return fmt.Sprintf("\x1b[%s38;5;%dm%s\x1b[0m", weight, cube(rgb), text)
}

// cube is the nearest colour that terminals of 256 have.
func cube(rgb uint32) uint32 {
	level := func(v uint32) uint32 { // 0, 95, 135, 175, 215, 255
		if v < 48 {
			return 0
		}
		return (max(v, 75) - 35) / 40
	}
	return 16 + 36*level(rgb>>16) + 6*level(rgb>>8&0xff) + level(rgb&0xff)
}
