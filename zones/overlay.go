package zones

import (
	"fmt"
	"slices"

	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

// SetOverlay has a zone answer for these records, too, in place of those that were laid over it before; with none, it is as its
// files have it. They stay where the zone is set anew, and are no part of it: its serial number and its sum are as they were.
//
// Whose data leads to other names, and whose is taken along in answers to others, belongs in the files.
func (d *Draft) SetOverlay(apex []byte, records []zonefile.Record) error {
	z := d.zones[string(apex)]
	if z == nil {
		return fmt.Errorf("there is no zone %s to lay records over", NameText(apex))
	}
	if len(records) == 0 {
		delete(d.overlays, string(apex))
		return nil
	}
	o := &overlay{records: slices.Clone(records)}
	if err := o.cover(z); err != nil {
		return err
	}
	d.overlays[string(apex)] = o
	return nil
}

// overlay are records beside a zone's files.
type overlay struct {
	records []zonefile.Record

	of, covered *Zone // the zone that was covered last, and what came of it
	err         error
}

// cover is the overlay as it lies over a zone, made when it is first wanted. Where it does not fit, it is not there.
func (o *overlay) cover(z *Zone) error {
	if o.of != z {
		o.of = z
		o.covered, o.err = z.with(o.records)
	}
	return o.err
}

// over is the zone with what lies over it.
func (o *overlay) over(z *Zone) *Zone {
	if o == nil || z == nil || o.cover(z) != nil {
		return z
	}
	return o.covered
}

// Texts are the character strings of a TXT record's data (RFC 1035, 3.3.14).
func Texts(text string) (data []byte) {
	for {
		n := min(len(text), 255)
		data = append(append(data, byte(n)), text[:n]...)
		if text = text[n:]; text == "" {
			return data
		}
	}
}

// Name is a name in wire form and lower case, of its text.
func Name(text string) ([]byte, error) { return zonefile.ParseOrigin(text) }

// Text is a TXT record of a name, to lay over a zone.
func Text(owner []byte, ttl uint32, text string) zonefile.Record {
	return zonefile.Record{Owner: owner, Type: rr.TypeTXT, TTL: ttl, Data: Texts(text)}
}
