package zonefile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

var rootName = []byte{0}

// MaxName is the most octets of a name in wire form (RFC 1035, 2.3.4).
const MaxName = 255

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
	if size := len(wire) - start; size > MaxName {
		return wire, fmt.Errorf("is %d octets long; the most is %d", size, MaxName)
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

// Lower turns a name in wire form into lower case. A length is at most 63 and so is never taken for a letter.
func Lower(wire []byte) {
	for i, c := range wire {
		wire[i] = LowerByte(c)
	}
}

// LowerByte turns an octet of a name into lower case. Only ASCII has letter case (RFC 4343).
func LowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// IsBelow reports whether a name is origin or lies below it. Both are in wire form and lower case.
func IsBelow(name, origin []byte) bool {
	if !bytes.HasSuffix(name, origin) {
		return false
	}
	cut := len(name) - len(origin)
	at := 0
	for at < cut {
		at += 1 + int(name[at])
	}
	return at == cut // on the border of a label, not inside one that looks alike
}

// NameText writes a name in wire form as people do: without the final dot, but "." for the root.
func NameText(wire []byte) string {
	if len(wire) <= 1 {
		return "."
	}
	var text strings.Builder
	for at := 0; wire[at] != 0; at += 1 + int(wire[at]) {
		if at > 0 {
			text.WriteByte('.')
		}
		for _, c := range wire[at+1 : at+1+int(wire[at])] {
			switch {
			case c <= ' ' || c >= 0x7f:
				fmt.Fprintf(&text, `\%03d`, c)
			case strings.IndexByte(`."();@$\`, c) >= 0:
				text.WriteByte('\\')
				text.WriteByte(c)
			default:
				text.WriteByte(c)
			}
		}
	}
	return text.String()
}

// relativeText writes a name the way it stands in its zone: "@", "www"; in full if it lies outside.
func relativeText(name, origin []byte) string {
	if !IsBelow(name, origin) || len(origin) == 1 {
		return NameText(name)
	}
	if len(name) == len(origin) {
		return "@"
	}
	inside := append([]byte{}, name[:len(name)-len(origin)]...)
	return NameText(append(inside, 0))
}
