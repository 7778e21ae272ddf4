package h3

import (
	"net/http"

	"tinycdn/webserver/page"
)

// Request is a GET or HEAD. Its slices are parts of what was read; nil: there is no such field.
type Request struct {
	Method          string
	Path            []byte // begins with a slash; no escapes, no query, no segment that begins with a dot
	Host            []byte
	AcceptEncoding  []byte
	IfNoneMatch     []byte
	IfModifiedSince []byte
	Referer         []byte
	Agent           []byte
	Priority        []byte
	Hints           page.Hints
	scheme          bool
}

// mostOfHeader is how large a header may be as RFC 9114, 4.2.2 counts: each field with 32 octets more than it has. It is far below
// what http3 takes; a static table makes much out of little.
const mostOfHeader = 8 << 10

// parse reads a packed header (RFC 9114, 4.3). It wants every field to be one that is known to make no difference, or whose difference
// is known, and each of those once, in plain ASCII: else it says no.
func (x *Exchange) parse(packed []byte) bool {
	q := &x.plain
	*q = Request{}
	b := &x.block
	b.rest, b.text = packed, b.text[:0]
	if !b.begin() {
		return false
	}
	left, regular := mostOfHeader, false
	for len(b.rest) > 0 {
		name, value, ok := b.next()
		if left -= len(name) + len(value) + 32; !ok || left < 0 || !isPlain(value) {
			return false
		}
		if len(name) > 0 && name[0] == ':' {
			if regular || !q.takePseudo(name, value) { // RFC 9114, 4.3: they come first
				return false
			}
			continue
		}
		regular = true
		if !q.take(name, value) {
			return false
		}
	}
	return q.Method != "" && q.scheme && q.Host != nil && q.Path != nil
}

// takePseudo takes what stands in the place of a request line (RFC 9114, 4.3.1).
func (q *Request) takePseudo(name, value []byte) bool {
	switch string(name) {
	case ":method":
		if q.Method != "" {
			return false
		}
		switch string(value) {
		case http.MethodGet:
			q.Method = http.MethodGet
		case http.MethodHead:
			q.Method = http.MethodHead
		}
		return q.Method != ""
	case ":scheme":
		if q.scheme || string(value) != "https" {
			return false
		}
		q.scheme = true
		return true
	case ":authority":
		if q.Host != nil || len(value) == 0 || !isAll(value, inHost) {
			return false
		}
		q.Host = value
		return true
	case ":path":
		if q.Path != nil || !isPath(value) {
			return false
		}
		q.Path = value
		return true
	}
	return false
}

// take keeps the fields that a page depends on, and passes over those that it does not. All others are for http3 to judge: there are some
// that ask for more than a page, and the list of those has no end.
func (q *Request) take(name, value []byte) bool {
	var place *[]byte
	switch string(name) {
	case "accept-encoding":
		place = &q.AcceptEncoding
	case "if-none-match":
		place = &q.IfNoneMatch
	case "if-modified-since":
		place = &q.IfModifiedSince
	case "referer":
		place = &q.Referer
	case "user-agent":
		place = &q.Agent
	case "priority":
		place = &q.Priority
	case "accept":
		q.Hints |= page.HintOf("accept", value)
		return true
	case "sec-fetch-dest":
		q.Hints |= page.HintOf("sec-fetch-dest", value)
		return true
	case "sec-purpose", "purpose", "x-purpose", "x-moz":
		q.Hints |= page.HintOf("purpose", value)
		return true
	case "dnt", "sec-gpc":
		q.Hints |= page.HintOf("dnt", value)
		return true
	case "accept-language", "accept-charset", "cookie", "cache-control", "pragma", "origin", "authorization", "upgrade-insecure-requests",
		"sec-fetch-mode", "sec-fetch-site", "sec-fetch-user", "sec-fetch-storage-access", "save-data",
		"sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform", "sec-ch-ua-platform-version", "sec-ch-ua-arch", "sec-ch-ua-bitness",
		"sec-ch-ua-full-version", "sec-ch-ua-full-version-list", "sec-ch-ua-model", "sec-ch-ua-wow64", "sec-ch-ua-form-factors",
		"sec-ch-prefers-color-scheme", "sec-ch-prefers-reduced-motion", "sec-ch-viewport-width", "sec-ch-dpr",
		"device-memory", "dpr", "viewport-width", "downlink", "ect", "rtt":
		return true
	default:
		return false
	}
	if *place != nil { // two of a kind may be understood in different ways
		return false
	}
	*place = value
	return true
}

// isPath says whether a path stands for itself.
func isPath(path []byte) bool {
	if len(path) == 0 || path[0] != '/' {
		return false
	}
	for i := 1; i < len(path); i++ {
		if kinds[path[i]]&inPath == 0 || path[i-1] == '/' && (path[i] == '.' || path[i] == '/') {
			return false
		}
	}
	return true
}

// isPlain says whether a value can be taken as it is: nobody strips anything off it, or refuses it (RFC 9110, 5.5).
func isPlain(value []byte) bool {
	if n := len(value); n > 0 && (value[0] <= ' ' || value[n-1] <= ' ') {
		return false
	}
	return isAll(value, inValue)
}

func isAll(text []byte, kind uint8) bool {
	for _, c := range text {
		if kinds[c]&kind == 0 {
			return false
		}
	}
	return true
}

// Where a byte may stand.
const (
	inPath  = 1 << iota // RFC 3986, 3.3, without escapes
	inHost              // a name or address, with a port perhaps; no user's name
	inValue             // RFC 9110, 5.5, without what is not ASCII
)

var kinds = func() (kinds [256]uint8) {
	for c := '!'; c <= '~'; c++ {
		kinds[c] |= inValue
	}
	kinds[' '] |= inValue
	kinds['\t'] |= inValue
	const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	for _, c := range alphanumeric + "-._~!$&'()*+,;=:@/" {
		kinds[c] |= inPath
	}
	for _, c := range alphanumeric + "-._[]:" {
		kinds[c] |= inHost
	}
	return kinds
}()
