package h2

import "time"

// What a client may do. Beyond each of these the connection ends with ENHANCE_YOUR_CALM.
const (
	// mostContinuations is how many CONTINUATION frames a header may come in: one of 16 KB needs one.
	mostContinuations = 8
	// longestBlock is how many octets a header may be packed in. Beyond the longest header, that is answered with 431.
	longestBlock = 32 << 10
	// resetsAtOnce and resetsPerSecond are how often a client may take back what it asked for, or ask for too much at once (CVE-2023-44487). Whoever
	// turns the page takes back a hundred pictures.
	resetsAtOnce, resetsPerSecond = 200, 50
	// idleAtOnce and idlePerSecond are how many frames may come that bring nothing: PING, SETTINGS, PRIORITY, unknown ones, and DATA
	// that is empty or of a stream that is over.
	idleAtOnce, idlePerSecond = 1000, 200
)

// allowance is how often something may happen: so many times at once, and then so many a second.
type allowance struct {
	left float64
	last time.Time // when it was filled; zero: it is full
}

// take says whether it may happen once more.
func (a *allowance) take(atOnce, perSecond float64) bool {
	if a.left--; a.left >= 0 {
		return true
	}
	now := time.Now()
	if a.last.IsZero() {
		a.left += atOnce
	} else {
		a.left = min(atOnce-1, a.left+now.Sub(a.last).Seconds()*perSecond)
	}
	a.last = now
	if a.left >= 0 {
		return true
	}
	a.left = max(a.left, -1)
	return false
}
