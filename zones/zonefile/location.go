package zonefile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// location makes LOC data (RFC 1876, 3): 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m, where minutes, seconds and
// what follows the altitude may be left out.
func (b *builder) location() error {
	latitude, err := b.angle("latitude", "NS", 90)
	if err != nil {
		return err
	}
	longitude, err := b.angle("longitude", "EW", 180)
	if err != nil {
		return err
	}
	altitude, err := b.meters("altitude", -100_000_00, 42_849_672_95)
	if err != nil {
		return err
	}
	precisions := [3]byte{0x12, 0x16, 0x13} // 1 m, 10 km and 10 m
	for i, what := range []string{"size", "horizontal precision", "vertical precision"} {
		if len(b.words) == 0 {
			break
		}
		centimeters, err := b.meters(what, 0, 90_000_000_00)
		if err != nil {
			return err
		}
		exponent := byte(0)
		for ; centimeters > 9; centimeters /= 10 {
			exponent++
		}
		precisions[i] = byte(centimeters)<<4 | exponent
	}
	b.data = append(b.data, 0) // the version
	b.data = append(b.data, precisions[:]...)
	b.data = binary.BigEndian.AppendUint32(b.data, latitude)
	b.data = binary.BigEndian.AppendUint32(b.data, longitude)
	b.data = binary.BigEndian.AppendUint32(b.data, uint32(altitude+100_000_00))
	return nil
}

// angle takes degrees, minutes and seconds up to one of the two directions, as thousandths of a second around 2^31.
func (b *builder) angle(what, directions string, most int64) (uint32, error) {
	const second, minute, degree = 1000, 60 * 1000, 3600 * 1000
	total := int64(0)
	for _, unit := range []struct {
		name       string
		size, most int64
		decimals   int
	}{{"degrees", degree, most, 0}, {"minutes", minute, 59, 0}, {"seconds", 1, 60*second - 1, 3}, {"", 0, 0, 0}} {
		text, err := b.unquoted(what)
		if err != nil {
			return 0, err
		}
		if at := strings.IndexByte(directions, text[0]&^0x20); len(text) == 1 && at >= 0 && unit.name != "degrees" {
			if at == 1 {
				total = -total
			}
			return uint32(1<<31 + total), nil
		}
		n, ok := parseDecimal(text, unit.decimals)
		if !ok || n < 0 || n > unit.most || unit.name == "" {
			return 0, fmt.Errorf("%s %q is not like 52 22 23.000 %c (minutes and seconds may be left out)", what, text, directions[0])
		}
		if total += n * unit.size; total > most*degree {
			return 0, fmt.Errorf("%s is more than %d degrees", what, most)
		}
	}
	panic("zonefile: internal error: a fourth number is a direction or an error")
}

// meters takes a length in meters, as centimeters.
func (b *builder) meters(what string, least, most int64) (int64, error) {
	text, err := b.unquoted(what)
	if err != nil {
		return 0, err
	}
	n, ok := parseDecimal(bytes.TrimSuffix(text, []byte("m")), 2)
	if !ok || n < least || n > most {
		return 0, fmt.Errorf("%s %q is not like 10m or 0.50m, from %d to %d.%02d", what, text, least/100, most/100, most%100)
	}
	return n, nil
}

// parseDecimal reads a number with at most the given count of decimals, in units of the last one.
func parseDecimal(text []byte, decimals int) (int64, bool) {
	text, negative := bytes.CutPrefix(text, []byte("-"))
	whole, fraction, hasPoint := bytes.Cut(text, []byte("."))
	if len(whole)+len(fraction) == 0 || len(fraction) > decimals || hasPoint && decimals == 0 {
		return 0, false
	}
	digits := string(whole) + string(fraction) + strings.Repeat("0", decimals-len(fraction))
	n, ok := parseNumber([]byte(digits), 1<<40)
	if negative {
		return -int64(n), ok
	}
	return int64(n), ok
}
