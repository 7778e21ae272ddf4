package worldmap

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// The colours of the page, by day and by night, and the style of what has them.
const svgStyle = `svg{--sea:#fff;--land:#e8eaee;--ink:#1d2433;--soft:#5d6677;--dots:.75;background:var(--sea);font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}` +
	`@media(prefers-color-scheme:dark){svg{--sea:#12161f;--land:#29303d;--ink:#e8ebf2;--soft:#9aa4b5;--dots:.9}}` +
	`.sea{fill:var(--sea)}.land{fill:var(--land)}.dots{fill:none;stroke-linecap:round;stroke-opacity:var(--dots)}.mark{stroke:var(--sea);stroke-width:16}` +
	`text{fill:var(--ink)}.soft{fill:var(--soft)}.bold{font-weight:600}.name{paint-order:stroke;stroke:var(--sea);stroke-width:30;stroke-linejoin:round}`

// WriteSVG writes the picture as a file of its own, which loads nothing. It is light or dark as who looks at it has it.
func (p *Picture) WriteSVG(w io.Writer) error {
	s, b := p.layOut(), bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-labelledby="t">`,
		s.width/10, s.height/10, s.width, s.height)
	fmt.Fprintf(b, "\n<title id=\"t\">%s</title>\n<style>%s</style>\n<rect class=\"sea\" width=\"%d\" height=\"%d\"/>\n", escaped(p.Title), svgStyle, s.width, s.height)
	fmt.Fprintf(b, "<path class=\"land\" transform=\"translate(%d %d)\" d=\"", margin, s.mapTop)
	for _, ring := range land() {
		writeRing(b, ring)
	}
	b.WriteString("\"/>\n")
	for _, l := range s.layers {
		fmt.Fprintf(b, `<path class="dots" stroke="#%06x" stroke-width="%g" d="`, palette[l.colour], 2*l.radius)
		at := Point{}
		for _, d := range l.dots {
			b.WriteByte('m')
			writePair(b, d.X-at.X, d.Y-at.Y)
			b.WriteString("h0")
			at = d
		}
		b.WriteString("\"/>\n")
	}
	for _, m := range s.marks {
		fill := fmt.Sprintf("#%06x", palette[m.colour])
		if m.colour == dark {
			fill = "var(--ink)"
		}
		fmt.Fprintf(b, "<circle class=\"mark\" cx=\"%d\" cy=\"%d\" r=\"%d\" style=\"fill:%s\"/>\n", m.at.X, m.at.Y, markRadius, fill)
	}
	for _, m := range s.marks {
		if m.name.line != "" {
			writeText(b, m.name, "name ")
		}
	}
	for _, w := range s.swatches {
		fmt.Fprintf(b, "<circle cx=\"%d\" cy=\"%d\" r=\"50\" fill=\"#%06x\"/>\n", w.at.X, w.at.Y, palette[w.colour])
	}
	for _, t := range s.texts {
		writeText(b, t, "")
	}
	b.WriteString("</svg>\n")
	return b.Flush()
}

func writeText(b *bufio.Writer, t text, class string) {
	if t.bold {
		class += "bold"
	}
	if t.quiet {
		class += "soft"
	}
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\" font-size=\"%d\" class=\"%s\">%s</text>\n", t.at.X, t.at.Y, t.size, class, escaped(t.line))
}

// writeRing writes a closed outline.
func writeRing(b *bufio.Writer, ring []Point) {
	at := Point{}
	for i, p := range ring {
		switch i {
		case 0:
			b.WriteByte('M')
			writePair(b, p.X, p.Y)
		case 1:
			b.WriteByte('l')
			fallthrough
		default:
			if i > 1 && p.X >= at.X {
				b.WriteByte(' ') // a sign would part the numbers as well
			}
			writePair(b, p.X-at.X, p.Y-at.Y)
		}
		at = p
	}
	b.WriteByte('z')
}

// writePair writes two numbers as short as it goes.
func writePair(b *bufio.Writer, x, y int) {
	b.WriteString(strconv.Itoa(x))
	if y >= 0 {
		b.WriteByte(' ')
	}
	b.WriteString(strconv.Itoa(y))
}

// escaped is somebody's text within XML.
func escaped(line string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(line))
	return b.String()
}
