package zonefile

import (
	"errors"
	"fmt"

	"tinycdn/zones/rr"
)

var rootName = []byte{0}

const maxLabel = 63 // RFC 1035, 2.3.4

// appendName appends the name in text, which is relative to origin unless it ends in a dot, in wire form.
func appendName(wire, text, origin []byte) ([]byte, error) {
	if len(text) == 1 && text[0] == '@' {
		return append(wire, origin...), nil
	}
	if len(text) == 1 && text[0] == '.' {
		return append(wire, 0), nil
	}
	start := len(wire)
	length := start // where the length of the label at hand is to go
	wire = append(wire, 0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '.':
			size := len(wire) - length - 1
			if size == 0 {
				return wire, errors.New("has an empty label (two dots, or a dot in front)")
			}
			if size > maxLabel {
				return wire, fmt.Errorf("has a label of %d octets; the most is %d", size, maxLabel)
			}
			wire[length] = byte(size)
			length = len(wire)
			wire = append(wire, 0)
		case c == '\\':
			octet, used, err := unescape(text[i:])
			if err != nil {
				return wire, err
			}
			wire = append(wire, octet)
			i += used - 1
		case c >= 0x80:
			return wire, errors.New("is not ASCII: write an international name in its xn-- form")
		case c <= ' ' || c == 0x7f || c == '"':
			return wire, fmt.Errorf("has the character %q in it", c)
		default:
			wire = append(wire, c)
		}
	}
	if size := len(wire) - length - 1; size > 0 {
		if size > maxLabel {
			return wire, fmt.Errorf("has a label of %d octets; the most is %d", size, maxLabel)
		}
		wire[length] = byte(size)
		wire = append(wire, origin...)
	} else if len(text) == 0 {
		return wire, errors.New("is empty (the zone's own name is @)")
	}
	if size := len(wire) - start; size > rr.MaxName {
		return wire, fmt.Errorf("is %d octets long; the most is %d", size, rr.MaxName)
	}
	return wire, nil
}

// unescape decodes the \X or \DDD at the start of text and says how much of it that took.
func unescape(text []byte) (octet byte, used int, err error) {
	if len(text) < 2 {
		return 0, 0, errors.New(`ends in a lone \`)
	}
	if !isDigit(text[1]) {
		return text[1], 2, nil
	}
	if len(text) < 4 || !isDigit(text[2]) || !isDigit(text[3]) {
		return 0, 0, fmt.Errorf(`has the escape %q; write \ and three digits`, text[:min(4, len(text))])
	}
	n := int(text[1]-'0')*100 + int(text[2]-'0')*10 + int(text[3]-'0')
	if n > 255 {
		return 0, 0, fmt.Errorf(`has the escape %q; the most is \255`, text[:4])
	}
	return byte(n), 4, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// relativeText writes a name the way it stands in its zone: "@", "www"; in full if it lies outside.
func relativeText(name, origin []byte) string {
	if !rr.IsBelow(name, origin) || len(origin) == 1 {
		return rr.NameText(name)
	}
	if len(name) == len(origin) {
		return "@"
	}
	inside := append([]byte{}, name[:len(name)-len(origin)]...)
	return rr.NameText(append(inside, 0))
}
