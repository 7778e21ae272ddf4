package zonefile

import "time"

// Serial gives the serial number of a zone that has none written, by the one that the time of its newest file makes.
type Serial func(derived uint32) uint32

// farAhead is how far a file's time may lie in the future: clocks differ. What lies further is a mistake, and would leave
// no room for the edits to come.
const farAhead = 24 * time.Hour

// derivedSerial is the time of the newest of the zone's files in seconds: the same wherever they are copied with their
// times (rsync -t, tar, git-archive). Whoever serves the zone already may want another. It counts to the year 2106, and on
// from 0 (RFC 1982).
func (r *reader) derivedSerial() uint32 {
	seconds := r.newest.Unix()
	switch now := time.Now(); {
	case seconds < 1:
		seconds = 1
		r.note(r.newestFile, 0, "its time, %s, is before 1970: the serial number is 1", r.newest.UTC().Format(time.RFC3339))
	case r.newest.After(now.Add(farAhead)):
		seconds = now.Unix()
		r.note(r.newestFile, 0, "its time, %s, lies in the future: the serial number is the present time", r.newest.UTC().Format(time.RFC3339))
	}
	if r.serial == nil {
		return uint32(seconds)
	}
	return r.serial(uint32(seconds))
}
