package geoip

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"
)

// Info describes a database.
type Info struct {
	Path        string    // or "built-in"
	Type        string    // what the file says it is
	Layout      string    // "nested" or "flat"
	Built       time.Time // the data's date
	IPv4, IPv6  bool      // which families it has data for
	Has         Fields
	Attribution string // what its licence asks to be shown; "" where it is not known
}

// Fields are what a database knows of addresses.
type Fields struct {
	Country, Coordinates, Region, ASN bool
}

// How much of a file is tried: some networks of each /8 of IPv4, and of each /12 of IPv6.
const (
	triesPerPrefix  = 8
	leavesPerPrefix = 4096 // empty ones count here
)

// Of the records tried, one in minUsable must place its addresses or name their network.
const minUsable = 10

// validate reads records from all over the file: the gate for a database, beside the library's own.
func (d *database) validate() error {
	meta := &d.reader.Metadata
	d.info = Info{Path: d.path, Type: meta.DatabaseType, Layout: "flat", Built: meta.BuildTime().UTC(), Attribution: attribution(meta.DatabaseType)}
	seen := make(map[uint32]bool)
	usable := 0
	budget := d.leaves()
	tryPrefix := func(p netip.Prefix, has *bool) error {
		left, leaves := triesPerPrefix, leavesPerPrefix
		for found := range d.reader.NetworksWithin(p, maxminddb.IncludeNetworksWithoutData()) {
			if err := found.Err(); err != nil {
				return fmt.Errorf("damaged: %w", plain(err))
			}
			if budget--; budget < 0 {
				return fmt.Errorf("damaged: %w", errCircles)
			}
			if leaves--; leaves == 0 {
				break
			}
			if !found.Found() {
				continue
			}
			*has = true
			if id := uint32(found.Offset()) + 1; !seen[id] {
				seen[id] = true
				if err := d.read(id, wantsAll); err != nil {
					return fmt.Errorf("damaged: %w", plain(err))
				}
				if d.learn(&d.record) {
					usable++
				}
			}
			if left--; left == 0 {
				break
			}
		}
		return nil
	}
	for i := range 256 {
		if err := tryPrefix(netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(i)}), 8), &d.info.IPv4); err != nil {
			return err
		}
	}
	for top := 0x10; top <= 0xFFF0 && meta.IPVersion == 6; top += 0x10 { // ::/12 is no place for data
		if err := tryPrefix(netip.PrefixFrom(netip.AddrFrom16([16]byte{byte(top >> 8), byte(top)}), 12), &d.info.IPv6); err != nil {
			return err
		}
	}
	d.file.Release()
	switch {
	case len(seen) == 0:
		return errors.New("it has no networks")
	case usable*minUsable < len(seen):
		return fmt.Errorf("only %d of %d records tried have a country, coordinates or an AS number (it calls itself %q: is it another kind of database?)",
			usable, len(seen), meta.DatabaseType)
	}
	return nil
}

// learn takes note of what a record has, and reports whether that is of use.
func (d *database) learn(r *record) bool {
	if r.nested {
		d.info.Layout = "nested"
	}
	loc := r.location()
	has := &d.info.Has
	has.Country = has.Country || loc.Country != ""
	has.Coordinates = has.Coordinates || loc.Located
	has.Region = has.Region || loc.Region != ""
	has.ASN = has.ASN || loc.ASN != 0
	return loc.Country != "" || loc.Located || loc.ASN != 0 || loc.Continent != ""
}

// attribution is what the licence of a well-known database asks for.
func attribution(kind string) string {
	switch {
	case strings.HasPrefix(kind, "GeoLite2"):
		return "This product includes GeoLite2 Data created by MaxMind, available from https://www.maxmind.com/"
	case strings.HasPrefix(kind, "DBIP"):
		return "IP Geolocation by DB-IP (https://db-ip.com)"
	}
	return ""
}
