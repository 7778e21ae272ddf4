package wire

// Classes (RFC 1035, 3.2.4) that are answered.
const (
	ClassIN = 1
	ClassCH = 3
)

// Types that the protocol itself gives a meaning; those of a zone's records are in zones.
const (
	TypeSOA  = 6   // RFC 1035, 3.3.13: what is asked for to see whether a server is well
	TypeTXT  = 16  // RFC 1035, 3.3.14: also what identity is told in
	TypeOPT  = 41  // RFC 6891, 6.1
	TypeTKEY = 249 // RFC 2930; of the meta types (RFC 6895, 3.1) the first that is in use
	TypeTSIG = 250 // RFC 8945
	TypeIXFR = 251 // RFC 1995
	TypeAXFR = 252 // RFC 5936
	TypeANY  = 255 // RFC 8482; the last meta type
)

// EDNS options that are understood.
const (
	optionNSID   = 3  // RFC 5001
	optionSubnet = 8  // RFC 7871
	optionCookie = 10 // RFC 7873
	optionError  = 15 // RFC 8914
)
