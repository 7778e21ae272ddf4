package zonefile

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"unsafe"
)

// address takes the address of an A or AAAA record.
func (b *builder) address(typ uint16) error {
	text, err := b.unquoted("address")
	if err != nil {
		return err
	}
	switch addr := parseAddr(text); {
	case addr.Is4() && typ == typeA, addr.Is6() && typ == typeAAAA:
		b.data, err = addr.AppendBinary(b.data)
		return err
	case addr.Is4():
		return fmt.Errorf("%q is an IPv4 address: its type is A", text)
	case addr.Is6():
		return fmt.Errorf("%q is an IPv6 address: its type is AAAA", text)
	case typ == typeA:
		return fmt.Errorf("%s is not an IPv4 address", shorten(text))
	}
	return fmt.Errorf("%s is not an IPv6 address", shorten(text))
}

// parseAddr gives the zero Addr for what is no address. Files have a million of them, so text is lent as a string and not
// copied: netip keeps it in errors and zones alone, and both end here.
func parseAddr(text []byte) netip.Addr {
	addr, err := netip.ParseAddr(unsafe.String(unsafe.SliceData(text), len(text)))
	if err != nil || addr.Zone() != "" {
		return netip.Addr{}
	}
	return addr
}

// isAddress says whether a name looks like an address, with a final dot or without.
func isAddress(text []byte) bool {
	if !isDigit(text[0]) && bytes.IndexByte(text, ':') < 0 {
		return false // nearly all, at little cost
	}
	text = bytes.TrimSuffix(text, []byte("."))
	dots, colons := bytes.Count(text, []byte(".")), bytes.Count(text, []byte(":"))
	if dots != 3 && colons < 2 || len(bytes.Trim(text, "0123456789abcdefABCDEF.:")) > 0 {
		return false // a failure to parse costs memory
	}
	return parseAddr(text).IsValid()
}

// isReverse says whether names below origin are made of the numbers of addresses.
func isReverse(origin []byte) bool {
	const arpa = "\x04arpa\x00"
	return len(origin) >= len(arpa) && strings.EqualFold(string(origin[len(origin)-len(arpa):]), arpa)
}
