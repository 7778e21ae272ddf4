package zonefile

import (
	"bytes"
	"fmt"
	"strings"

	"tinycdn/zones/diag"
	"tinycdn/zones/rr"

	"github.com/miekg/dns"
)

// notes remembers what was noted, to say it once.
type notes struct {
	second  bool            // a TTL of one second
	doubled map[string]bool // the owners that end in the zone's name twice
}

// noteRecord notes what is odd about a record.
func (r *reader) noteRecord(rec *Record) {
	if odd := r.rdata.odd; odd != "" && !r.quotes(rec.File) {
		r.note(rec.File, rec.Line, "the data of %v may not be what was meant (what is included is not quoted)", diag.Kind(TypeText(rec.Type)))
	} else if odd != "" {
		r.note(rec.File, rec.Line, "%s %s: %s", relativeText(rec.Owner, r.zone.Origin), TypeText(rec.Type), odd)
	}
	r.noteTTL(rec.File, rec.Line, rec.Owner, rec.TTL)
}

// noteTTL notes once that a TTL is one second.
func (r *reader) noteTTL(file string, line int, owner []byte, ttl uint32) {
	if ttl != 1 || r.noted.second {
		return
	}
	r.noted.second = true
	r.note(file, line, `%s: a TTL of one second: resolvers keep nothing (Cloudflare's exports write 1 for "automatic", which is 300 there)`,
		relativeText(owner, r.zone.Origin))
}

// noteDoubled notes once that an owner ends in the zone's own name twice.
func (r *reader) noteDoubled(file string, line int, text, owner []byte, origin int) {
	odd := doubled(text, owner, r.zone.Origin, origin)
	if odd == "" || r.noted.doubled[string(owner)] {
		return
	}
	if r.noted.doubled == nil {
		r.noted.doubled = make(map[string]bool)
	}
	r.noted.doubled[string(owner)] = true
	if !r.quotes(file) {
		r.note(file, line, "a name ends in the zone's own name (what is included is not quoted)")
		return
	}
	r.note(file, line, "%s: %s", text, odd)
}

// doubled says of a name, written relative to an origin of so many octets, that it ends in the zone's own name already; else "".
func doubled(text, name, zone []byte, origin int) string {
	if len(name) < 2*len(zone)-1 || text[len(text)-1] == '.' || origin < len(zone) || len(zone) == 1 {
		return ""
	}
	if inside := name[:len(name)-origin]; !bytes.EqualFold(inside[max(0, len(inside)-len(zone)+1):], zone[:len(zone)-1]) {
		return "" // nearly all
	}
	zone = bytes.Clone(zone)
	rr.Lower(zone)
	meant := append(bytes.Clone(name[:len(name)-origin]), 0)
	if rr.Lower(meant); !rr.IsBelow(meant, zone) {
		return ""
	}
	return fmt.Sprintf("ends in the zone's own name; it is %s (write %s, or a dot at its end)", rr.NameText(name), relativeText(meant, zone))
}

// caaTags are those that authorities know (RFC 8659, 4; RFC 9495; RFC 8657; RFC 9682 and the registry).
func caaTags() []string {
	return []string{"issue", "issuewild", "issuemail", "issuevmc", "iodef", "contactemail", "contactphone"}
}

// oddity says what the owner of a record may not have meant, though it is no mistake.
func oddity(rr dns.RR) string {
	caa, ok := rr.(*dns.CAA)
	if !ok {
		return ""
	}
	for _, tag := range caaTags() {
		if strings.EqualFold(tag, caa.Tag) { // RFC 8659, 4.1: in any letter case
			return ""
		}
	}
	return fmt.Sprintf("tag %q is not known%s: it restricts nobody", caa.Tag, diag.DidYouMean(strings.ToLower(caa.Tag), caaTags()))
}
