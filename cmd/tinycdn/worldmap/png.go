package worldmap

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// dpu is how many pixels a unit of the picture has, of which the map's are a tenth: twice what a page shows, for screens that have them.
const dpu = 0.2

// The colours of the page, as the SVG has them by day.
var (
	sea  = color.RGBA{0xff, 0xff, 0xff, 0xff}
	soil = color.RGBA{0xe8, 0xea, 0xee, 0xff}
	ink  = color.RGBA{0x1d, 0x24, 0x33, 0xff}
	soft = color.RGBA{0x5d, 0x66, 0x77, 0xff}
)

// WritePNG writes the picture in pixels, by day.
func (p *Picture) WritePNG(w io.Writer) error {
	s := p.layOut()
	c, err := newCanvas(s.width, s.height)
	if err != nil {
		return err
	}
	c.outlines(land(), Point{margin, s.mapTop})
	for _, l := range s.layers {
		for _, d := range l.dots {
			c.disc(d, l.radius, colourOf(l.colour), 0.75)
		}
	}
	for _, m := range s.marks {
		c.disc(m.at, markRadius+8, sea, 1)
		c.disc(m.at, markRadius-8, colourOf(m.colour), 1)
	}
	for _, m := range s.marks {
		c.halo(m.name)
	}
	for _, w := range s.swatches {
		c.disc(w.at, 50, colourOf(w.colour), 1)
	}
	for _, t := range s.texts {
		c.text(t, Point{}, inkOf(t))
	}
	return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(w, c.image)
}

func colourOf(i int) color.RGBA {
	rgb := palette[i]
	return color.RGBA{uint8(rgb >> 16), uint8(rgb >> 8), uint8(rgb), 0xff}
}

func inkOf(t text) color.RGBA {
	if t.quiet {
		return soft
	}
	return ink
}

// canvas is what is drawn on.
type canvas struct {
	image *image.RGBA
	fonts [2]*opentype.Font // regular and bold
	faces map[text]font.Face
}

func newCanvas(width, height int) (c *canvas, err error) {
	c = &canvas{image: image.NewRGBA(image.Rect(0, 0, int(float64(width)*dpu), int(float64(height)*dpu))), faces: map[text]font.Face{}}
	draw.Draw(c.image, c.image.Bounds(), image.NewUniform(sea), image.Point{}, draw.Src)
	for i, file := range [][]byte{goregular.TTF, gobold.TTF} {
		if c.fonts[i], err = opentype.Parse(file); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// outlines fills closed lines.
func (c *canvas) outlines(rings [][]Point, corner Point) {
	size := c.image.Bounds().Size()
	r := vector.NewRasterizer(size.X, size.Y)
	for _, ring := range rings {
		for i, p := range ring {
			x, y := float32(p.X+corner.X)*dpu, float32(p.Y+corner.Y)*dpu
			if i == 0 {
				r.MoveTo(x, y)
			} else {
				r.LineTo(x, y)
			}
		}
		r.ClosePath()
	}
	r.Draw(c.image, c.image.Bounds(), image.NewUniform(soil), image.Point{})
}

// disc draws a dot with a soft edge.
func (c *canvas) disc(at Point, radius float64, colour color.RGBA, opacity float64) {
	x, y, r := float64(at.X)*dpu, float64(at.Y)*dpu, radius*dpu
	bounds := c.image.Bounds()
	for py := max(int(y-r-1), bounds.Min.Y); py <= min(int(y+r+1), bounds.Max.Y-1); py++ {
		for px := max(int(x-r-1), bounds.Min.X); px <= min(int(x+r+1), bounds.Max.X-1); px++ {
			inside := min(max(r+0.5-math.Hypot(float64(px)+0.5-x, float64(py)+0.5-y), 0), 1)
			if inside > 0 {
				blend(c.image.Pix[c.image.PixOffset(px, py):], colour, inside*opacity)
			}
		}
	}
}

// blend lays a colour over a pixel.
func blend(pixel []uint8, colour color.RGBA, opacity float64) {
	for i, value := range [3]uint8{colour.R, colour.G, colour.B} {
		pixel[i] = uint8(float64(pixel[i])*(1-opacity) + float64(value)*opacity + 0.5)
	}
}

// halo draws a name that stands out from what is around it.
func (c *canvas) halo(t text) {
	for _, by := range []Point{{-15, 0}, {15, 0}, {0, -15}, {0, 15}, {-11, -11}, {11, -11}, {-11, 11}, {11, 11}} {
		c.text(t, by, sea)
	}
	c.text(t, Point{}, inkOf(t))
}

// text writes a line, so far from its place.
func (c *canvas) text(t text, by Point, colour color.RGBA) {
	face := c.face(t)
	if face == nil || t.line == "" {
		return
	}
	at := fixed.Point26_6{X: fixed.Int26_6(float64(t.at.X+by.X) * dpu * 64), Y: fixed.Int26_6(float64(t.at.Y+by.Y) * dpu * 64)}
	(&font.Drawer{Dst: c.image, Src: image.NewUniform(colour), Face: face, Dot: at}).DrawString(t.line)
}

// face is the font of a line in its size; nil: there is none.
func (c *canvas) face(t text) font.Face {
	key := text{size: t.size, bold: t.bold}
	face, known := c.faces[key]
	if !known && t.size > 0 {
		face, _ = opentype.NewFace(c.fonts[number(t.bold)], &opentype.FaceOptions{Size: float64(t.size) * dpu, DPI: 72, Hinting: font.HintingNone})
		c.faces[key] = face
	}
	return face
}
