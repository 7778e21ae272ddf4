package page

import "strings"

// Coding is a content coding (RFC 9110, 8.4.1).
type Coding uint8

// The codings that we make, in the order of preference between bodies of equal length.
const (
	Identity Coding = iota
	Gzip
	Brotli
	Zstd
	codings
)

var codingNames = [codings]string{"identity", "gzip", "br", "zstd"}

func (c Coding) String() string { return codingNames[c] }

// Accepted is what an Accept-Encoding field says of each coding: its weight in thousandths, 0 for "not acceptable".
type Accepted [codings]uint16

// Accept reads an Accept-Encoding field (RFC 9110, 12.5.3). An absent or empty field accepts no coding but identity:
// that is all that can be known to be understood. What cannot be made out is passed over.
func Accept(field string) Accepted {
	const unsaid = 0xFFFF
	said := Accepted{unsaid, unsaid, unsaid, unsaid}
	other := uint16(unsaid) // of "*"
	for field != "" {
		var item string
		item, field, _ = strings.Cut(field, ",")
		name, parameters, _ := strings.Cut(item, ";")
		weight, ok := weightOf(parameters)
		if !ok {
			continue
		}
		switch name = strings.Trim(name, " \t"); {
		case name == "*":
			other = weight
		case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
			said[Gzip] = weight
		case strings.EqualFold(name, "br"):
			said[Brotli] = weight
		case strings.EqualFold(name, "zstd"):
			said[Zstd] = weight
		case strings.EqualFold(name, "identity"):
			said[Identity] = weight
		}
	}
	for c, weight := range said {
		switch {
		case weight != unsaid:
		case other != unsaid:
			said[c] = other
		case Coding(c) == Identity:
			said[c] = 1 // acceptable, but any coding that is named is preferred
		default:
			said[c] = 0
		}
	}
	return said
}

// weightOf reads "q=0.5" as 500 (RFC 9110, 12.4.2); nothing is 1000.
func weightOf(parameters string) (uint16, bool) {
	parameters = strings.Trim(parameters, " \t")
	if parameters == "" {
		return 1000, true
	}
	if len(parameters) < 3 || parameters[0]|0x20 != 'q' || parameters[1] != '=' {
		return 0, false
	}
	whole, fraction := parameters[2], parameters[3:]
	if whole != '0' && whole != '1' || fraction != "" && fraction[0] != '.' || len(fraction) > 4 {
		return 0, false
	}
	weight, unit := uint16(whole-'0')*1000, uint16(100)
	for i := 1; i < len(fraction); i++ {
		if fraction[i] < '0' || fraction[i] > '9' {
			return 0, false
		}
		weight += uint16(fraction[i]-'0') * unit
		unit /= 10
	}
	return weight, weight <= 1000
}

// Negotiate gives the page in the smallest of the codings that the Accept-Encoding field weighs highest. What is not packed
// yet does not count, but for a client that takes none of what there is, a quick coding is made at once. A client that
// accepts nothing at all gets the identity coding: that serves it better than an error (RFC 9110, 12.5.3).
func (p *Page) Negotiate(acceptEncoding string) *Variant {
	if acceptEncoding == "" || !p.packs {
		return p.ready[Identity].Load()
	}
	accepted := Accept(acceptEncoding)
	best := p.best(&accepted)
	if best.Coding == Identity && p.tried.Load() != ^uint32(0) {
		for _, c := range [...]Coding{Gzip, Zstd} { // brotli takes longer than to send the page as it is
			if accepted[c] > 0 && accepted[c] >= accepted[Identity] && p.make(c) {
				return p.ready[c].Load()
			}
		}
	}
	return best
}

func (p *Page) best(accepted *Accepted) *Variant {
	best := p.ready[Identity].Load()
	for c := Gzip; c < codings; c++ {
		v := p.ready[c].Load()
		if v == nil || accepted[c] == 0 {
			continue
		}
		if weight, of := accepted[c], accepted[best.Coding]; weight > of || weight == of && len(v.Body) < len(best.Body) {
			best = v
		}
	}
	return best
}
