package zones

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"time"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
	"tinycdn/zones/sign"
)

// A Zone is one zone's data, compiled into answers. It never changes.
type Zone struct {
	Apex []byte // wire form, lower case

	Names   int // that exist, empty non-terminals included
	Records int
	Serial  uint32
	Expires time.Time // of a signed zone: when the first records are without a signature that holds

	Nameservers []Nameserver // of the zone itself, as far as they are in it

	image   image
	denial  packed   // the SOA of negative answers
	denials *denials // nil: the zone is not signed
	maps    []string // names of the maps that geo names use, by their number in the image
}

// signer is the one of a zone that is signed here, as it was signed; nil: it is not.
func (z *Zone) signer() *sign.Signer {
	if z.denials == nil {
		return nil
	}
	return z.denials.signer
}

// Sum is a hash of all that the zone answers. The same files give the same.
func (z *Zone) Sum() [sha256.Size]byte {
	all := sha256.New()
	fmt.Fprintf(all, "%q %d %q %v\n", z.Apex, len(z.image.octets), z.maps, z.denial)
	all.Write(z.image.octets)
	return [sha256.Size]byte(all.Sum(nil))
}

// Nameserver is an address of one of a zone's own nameservers.
type Nameserver struct {
	Name string
	Addr netip.Addr

	File string // where the address stands
	Line int
}

// addNameservers notes the addresses of the nameservers of the zone.
func (c *compiler) addNameservers(ns []records.Record) {
	for _, r := range ns {
		o, ok := c.Find(rr.Lowered(r.Data))
		if !ok {
			continue
		}
		for _, a := range c.Of(nil, o) {
			if a.Type == rr.TypeA || a.Type == rr.TypeAAAA {
				addr, _ := netip.AddrFromSlice(a.Data)
				c.zone.Nameservers = append(c.zone.Nameservers, Nameserver{NameText(c.Name(o)), addr, c.FileName(a.File), int(a.Line)})
			}
		}
	}
}
