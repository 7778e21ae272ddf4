package zonefile

import (
	"bytes"
	"fmt"
)

// prefixes makes APL data (RFC 3123, 4) of words like 1:192.0.2.0/24 and !2:2001:db8::/32, of which there may be none.
// Bits beyond a prefix are kept, as BIND, NSD and Knot do; the DNS library refuses them.
func (b *builder) prefixes() error {
	for len(b.words) > 0 {
		text, err := b.unquoted("prefix")
		if err != nil {
			return err
		}
		rest, negated := bytes.CutPrefix(text, []byte("!"))
		family, rest, _ := bytes.Cut(rest, []byte(":"))
		address, bitsText, _ := bytes.Cut(rest, []byte("/"))
		addr := parseAddr(address)
		ok := addr.Is4() && string(family) == "1" || addr.Is6() && string(family) == "2"
		octets := addr.AsSlice()
		bits, isNumber := parseNumber(bitsText, uint64(8*len(octets)))
		if !ok || !isNumber {
			return fmt.Errorf("%s is not like 1:192.0.2.0/24, 2:2001:db8::/32 or one of them with ! in front", shorten(text))
		}
		octets = bytes.TrimRight(octets, "\x00")
		length := byte(len(octets))
		if negated {
			length |= 0x80
		}
		b.data = append(b.data, 0, family[0]-'0', byte(bits), length)
		b.data = append(b.data, octets...)
	}
	return nil
}
