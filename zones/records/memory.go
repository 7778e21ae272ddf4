package records

import (
	"fmt"
	"math"
	"runtime/debug"
)

// mostMemory is how many octets a zone may take while it is loaded: two fifths of what the collector is held to, which is
// six tenths of the machine unless GOMEMLIMIT says otherwise. That makes a quarter of the machine: at a reload the zone that
// answers meanwhile is held as well.
func mostMemory() int64 {
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		return limit / 5 * 2
	}
	return math.MaxInt64
}

// MostOffset is the most octets of an image: its offsets have 32 bits.
const MostOffset = math.MaxUint32

// TooLarge says that a zone has come to a bound.
func TooLarge(most int64) error {
	if most >= MostOffset {
		return fmt.Errorf("the zone takes more than %d MB", MostOffset>>20)
	}
	return fmt.Errorf("the zone takes more than %d MB, a quarter of the memory here (GOMEMLIMIT gives more)", most>>20)
}
