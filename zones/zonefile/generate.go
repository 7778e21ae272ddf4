package zonefile

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

const (
	maxPerDirective = 1 << 16 // a /16 of addresses
	maxGenerated    = 1 << 20 // in all files of a zone
	maxOctets       = 1 << 27 // of their names and data: 128 for each, where a PTR has some 50
	maxWidth        = 255     // digits of one number
	maxNumber       = math.MaxInt32
)

// directiveGenerate makes a record for each number of a range, as BIND does:
//
//	$GENERATE 1-254 host-${0,3} A 10.0.0.$
func (m *master) directiveGenerate() error {
	if len(m.words) < 5 {
		return errors.New("want a range, a name, a type and data: $GENERATE 1-254 host$ A 10.0.0.$")
	}
	first, last, step, err := parseRange(string(m.wordText(1)))
	if err != nil {
		return err
	}
	count := (last-first)/step + 1
	if count > maxPerDirective {
		return fmt.Errorf("%d records; the most is %d", count, maxPerDirective)
	}
	if m.generated += int(count); m.generated > maxGenerated {
		return fmt.Errorf("more than %d records are generated in this zone", maxGenerated)
	}

	template := append([]word{}, m.words[2:]...)
	text := append([]byte{}, m.text...)
	for n := first; n <= last; n += step {
		m.text, m.words = m.text[:0], m.words[:0]
		for _, w := range template {
			start := len(m.text)
			if m.text, err = expand(m.text, text[w.start:w.end], n); err != nil {
				return err
			}
			m.words = append(m.words, word{start, len(m.text), w.quoted})
		}
		if err := m.setOwner(); err != nil {
			return err
		}
		if err := m.readRecord(1); err != nil {
			return err
		}
		if m.octets += len(m.record.Owner) + len(m.record.Data); m.octets > maxOctets {
			m.stopped = true
			return fmt.Errorf("more than %d MB of records are generated in this zone", maxOctets>>20)
		}
		if m.full() {
			return nil
		}
	}
	return nil
}

// parseRange reads first-last or first-last/step.
func parseRange(text string) (first, last, step int64, err error) {
	wrong := fmt.Errorf("range %q is not like 1-254 or 0-100/2, with numbers up to %d", text, maxNumber)
	ends, stepText, hasStep := strings.Cut(text, "/")
	if !hasStep {
		stepText = "1"
	}
	firstText, lastText, _ := strings.Cut(ends, "-")
	var numbers [3]int64
	for i, text := range []string{firstText, lastText, stepText} {
		n, ok := parseNumber([]byte(text), maxNumber)
		if !ok {
			return 0, 0, 0, wrong
		}
		numbers[i] = int64(n)
	}
	first, last, step = numbers[0], numbers[1], numbers[2]
	if first > last || step == 0 {
		return 0, 0, 0, wrong
	}
	return first, last, step, nil
}

// expand appends template with the number n for each $ and ${offset,width,base}. $$ and \$ stand for a dollar.
func expand(text, template []byte, n int64) ([]byte, error) {
	for i := 0; i < len(template); i++ {
		rest := template[i+1:]
		switch c := template[i]; {
		case c == '\\' && len(rest) > 0:
			text = append(text, c, rest[0])
			i++
		case c != '$':
			text = append(text, c)
		case len(rest) > 0 && rest[0] == '$':
			text = append(text, '$')
			i++
		case len(rest) > 0 && rest[0] == '{':
			end := bytes.IndexByte(rest, '}')
			if end < 0 {
				return text, fmt.Errorf("%q has a ${ without its }", template)
			}
			var err error
			if text, err = expandModified(text, string(rest[1:end]), n); err != nil {
				return text, err
			}
			i += end + 1
		default:
			text = strconv.AppendInt(text, n, 10)
		}
	}
	return text, nil
}

// expandModified appends n by what stands in ${offset,width,base}.
func expandModified(text []byte, modifier string, n int64) ([]byte, error) {
	wrong := fmt.Errorf("${%s} is not like ${offset,width,base}, with an offset up to %d", modifier, maxNumber)
	parts := strings.Split(modifier, ",")
	if len(parts) > 3 {
		return text, wrong
	}
	offset, err := strconv.ParseInt(parts[0], 10, 32)
	if err != nil {
		return text, wrong
	}
	width := uint64(0)
	if len(parts) > 1 {
		ok := false
		if width, ok = parseNumber([]byte(parts[1]), maxWidth); !ok {
			return text, wrong
		}
	}
	base := "d"
	if len(parts) > 2 {
		base = parts[2]
	}
	if n += offset; n < 0 {
		return text, fmt.Errorf("${%s} gives the negative number %d", modifier, n)
	}
	if n > maxNumber {
		return text, fmt.Errorf("${%s} gives %d; the most is %d", modifier, n, maxNumber)
	}
	switch base {
	case "d", "o", "x", "X":
		return fmt.Appendf(text, "%0*"+base, width, n), nil
	case "n":
		return appendNibbles(text, n, int(width), "0123456789abcdef"), nil
	case "N":
		return appendNibbles(text, n, int(width), "0123456789ABCDEF"), nil
	}
	return text, wrong
}

// appendNibbles writes n as in ip6.arpa: hexadecimal digits from the last to the first, with dots, width characters or more.
func appendNibbles(text []byte, n int64, width int, digits string) []byte {
	for {
		text = append(text, digits[n&15])
		n >>= 4
		width--
		if width <= 0 && n == 0 {
			return text
		}
		text = append(text, '.')
		width--
	}
}
