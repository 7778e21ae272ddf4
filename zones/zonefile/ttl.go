package zonefile

import (
	"errors"
	"fmt"
	"math"
)

// maxTTL is what RFC 2181, 8 allows.
const maxTTL = 1<<31 - 1

var errNoTTL = errors.New("not a time")

// parseTTL reads the TTL of a master file.
func parseTTL(text []byte) (uint32, error) {
	time, err := parseTime(text)
	return validTTL(time), err
}

// validTTL is the TTL that the time stands for. RFC 2181, 8: with the topmost bit set it is zero.
func validTTL(time uint32) uint32 {
	if time > maxTTL {
		return 0
	}
	return time
}

// parseTime reads seconds, or times with units as in BIND: 3600, 1h, 1w2d, 1h30m.
// Of what does not look like a time at all it says errNoTTL.
func parseTime(text []byte) (uint32, error) {
	if len(text) == 0 || !isDigit(text[0]) {
		return 0, errNoTTL
	}
	var total, n uint64
	digits := false
	for _, c := range text {
		if isDigit(c) {
			n = n*10 + uint64(c-'0')
			digits = true
		} else {
			unit := secondsIn[c|0x20] // lower case
			if unit == 0 || !digits {
				return 0, errNoTTL
			}
			total += n * unit
			n, digits = 0, false
		}
		if n > math.MaxUint32 || total > math.MaxUint32 {
			return 0, errTooLong(text, math.MaxUint32)
		}
	}
	if total += n; total > math.MaxUint32 {
		return 0, errTooLong(text, math.MaxUint32)
	}
	return uint32(total), nil
}

func errTooLong(text []byte, most uint32) error {
	return fmt.Errorf("%s is too long a time; the most is %d", text, most)
}

var secondsIn = map[byte]uint64{'s': 1, 'm': 60, 'h': 3600, 'd': 24 * 3600, 'w': 7 * 24 * 3600}
