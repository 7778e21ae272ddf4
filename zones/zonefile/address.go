package zonefile

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

func (b *builder) ipv4() error {
	text, err := b.unquoted("address")
	if err != nil {
		return err
	}
	octets, ok := parseIPv4(text)
	if !ok {
		if _, is6 := parseIPv6(text); is6 {
			return fmt.Errorf("%q is an IPv6 address: its type is AAAA", text)
		}
		return fmt.Errorf("%s is not an IPv4 address", shorten(text))
	}
	b.data = append(b.data, octets[:]...)
	return nil
}

// parseIPv4 is netip.ParseAddr without the string, for files with a million of them.
func parseIPv4(text []byte) (octets [4]byte, ok bool) {
	field, n, digits := 0, 0, 0
	for _, c := range text {
		switch {
		case isDigit(c):
			if digits == 1 && n == 0 {
				return octets, false // 010 is octal to some and decimal to others
			}
			n = n*10 + int(c-'0')
			if digits++; n > 255 {
				return octets, false
			}
		case c == '.' && digits > 0 && field < 3:
			octets[field] = byte(n)
			field, n, digits = field+1, 0, 0
		default:
			return octets, false
		}
	}
	octets[3] = byte(n)
	return octets, field == 3 && digits > 0
}

func (b *builder) ipv6() error {
	text, err := b.unquoted("address")
	if err != nil {
		return err
	}
	octets, ok := parseIPv6(text)
	if !ok {
		if _, is4 := parseIPv4(text); is4 {
			return fmt.Errorf("%q is an IPv4 address: its type is A", text)
		}
		return fmt.Errorf("%s is not an IPv6 address", shorten(text))
	}
	b.data = append(b.data, octets[:]...)
	return nil
}

// parseIPv6 is to IPv6 what parseIPv4 is to IPv4.
func parseIPv6(text []byte) (octets [16]byte, ok bool) {
	size, gap := 0, -1 // octets found; where among them :: stands
	if bytes.HasPrefix(text, []byte("::")) {
		gap = 0
		text = text[2:]
	}
	for len(text) > 0 || gap != size {
		if size <= 12 && bytes.IndexByte(text, ':') < 0 && bytes.IndexByte(text, '.') > 0 {
			tail, ok := parseIPv4(text)
			if !ok {
				return octets, false
			}
			size += copy(octets[size:], tail[:])
			break
		}
		n, digits := hexField(text)
		if digits == 0 || size == 16 {
			return octets, false
		}
		binary.BigEndian.PutUint16(octets[size:], n)
		size += 2
		if text = text[digits:]; len(text) == 0 {
			break
		}
		if text[0] != ':' {
			return octets, false
		}
		text = text[1:]
		if len(text) > 0 && text[0] == ':' {
			if gap >= 0 {
				return octets, false
			}
			gap = size
			text = text[1:]
		}
	}
	if gap < 0 || size == 16 {
		return octets, gap < 0 && size == 16
	}
	copy(octets[16-(size-gap):], octets[gap:size])
	clear(octets[gap : 16-(size-gap)])
	return octets, true
}

// hexField reads up to four hexadecimal digits.
func hexField(text []byte) (n uint16, digits int) {
	for _, c := range text[:min(4, len(text))] {
		switch lower := c | 0x20; {
		case isDigit(c):
			n = n<<4 | uint16(c-'0')
		case 'a' <= lower && lower <= 'f':
			n = n<<4 | uint16(lower-'a'+10)
		default:
			return n, digits
		}
		digits++
	}
	return n, digits
}
