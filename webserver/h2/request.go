package h2

import (
	"golang.org/x/net/http2/hpack"

	"tinycdn/webserver/page"
)

// request is a page.Request as it is read. It is filled anew by each header.
type request struct {
	page.Request
	seen seen
}

// seen are the fields that must not be there twice.
type seen uint16

const (
	sawMethod seen = 1 << iota
	sawScheme
	sawAuthority
	sawPath
	sawRegular // any other
	sawEncoding
	sawNoneMatch
	sawModified
	sawMatch
	sawUnmodified
	sawRange
	sawIfRange
	sawReferer
	sawAgent

	sawAll = sawMethod | sawScheme | sawAuthority | sawPath
)

// read fills in what a header says, and says whether it is a plain one: a GET or HEAD, of which every field is known here, and
// everything is as the RFCs have it. Any other is for net/http to judge.
func (q *request) read(fields []hpack.HeaderField, base *page.Request) (plain bool) {
	q.Request, q.seen = *base, 0
	for i := range fields {
		if !q.take(fields[i].Name, fields[i].Value) {
			return false
		}
	}
	if q.seen&sawAll != sawAll {
		return false
	}
	if q.Range == "" {
		q.IfRange = "" // it says nothing without one
	}
	return true
}

// take takes a field. The list of those that it knows is closed: what a later version of a browser sends costs a detour, and
// nobody an answer that is wrong.
func (q *request) take(name, value string) bool {
	if !isText(value) {
		return false
	}
	if name != "" && name[0] == ':' {
		return q.seen&sawRegular == 0 && q.takePseudo(name, value)
	}
	q.seen |= sawRegular
	switch name {
	case "accept-encoding":
		return q.once(sawEncoding, &q.AcceptEncoding, value)
	case "user-agent":
		return q.once(sawAgent, &q.UserAgent, value)
	case "referer":
		return q.once(sawReferer, &q.Referer, value)
	case "if-none-match":
		return q.once(sawNoneMatch, &q.IfNoneMatch, orNever(value))
	case "if-match":
		return q.once(sawMatch, &q.IfMatch, orNever(value))
	case "if-modified-since":
		return q.once(sawModified, &q.IfModifiedSince, value)
	case "if-unmodified-since":
		return q.once(sawUnmodified, &q.IfUnmodifiedSince, value)
	case "range":
		return q.once(sawRange, &q.Range, value)
	case "if-range":
		return q.once(sawIfRange, &q.IfRange, orNever(value))
	case "te":
		return value == "trailers" // RFC 9113, 8.2.2; pages have none
	case "accept", "dnt", "sec-gpc", "sec-fetch-dest", "sec-purpose", "purpose", "x-purpose", "x-moz":
		q.Hints |= page.HintOf(name, value)
		return true
	case "accept-language", "alt-used", "cache-control", "cookie", "device-memory", "downlink", "dpr", "ect", "origin", "pragma", "priority",
		"rtt", "save-data", "sec-ch-prefers-color-scheme", "sec-ch-prefers-reduced-motion", "sec-ch-ua", "sec-ch-ua-arch",
		"sec-ch-ua-bitness", "sec-ch-ua-full-version", "sec-ch-ua-full-version-list", "sec-ch-ua-mobile", "sec-ch-ua-model",
		"sec-ch-ua-platform", "sec-ch-ua-platform-version", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-storage-access",
		"sec-fetch-user", "upgrade-insecure-requests", "viewport-width":
		return true // no page depends on them
	}
	return false
}

// takePseudo takes what HTTP/1.1 has in its request line (RFC 9113, 8.3.1).
func (q *request) takePseudo(name, value string) bool {
	switch name {
	case ":method":
		return (value == "GET" || value == "HEAD") && q.once(sawMethod, &q.Method, value)
	case ":path":
		q.URI = value
		return isPlainPath(value) && q.once(sawPath, &q.Path, value)
	case ":authority":
		return isHost(value) && q.once(sawAuthority, &q.Host, value)
	case ":scheme":
		var ignored string
		return value == "https" && q.once(sawScheme, &ignored, value)
	}
	return false
}

// once keeps a value, unless there was one: two of a kind may be understood in different ways.
func (q *request) once(which seen, place *string, value string) bool {
	if q.seen&which != 0 {
		return false
	}
	q.seen |= which
	*place = value
	return true
}

// orNever is the value of a condition: an empty one is not absent.
func orNever(value string) string {
	if value == "" {
		return page.Never
	}
	return value
}

// isPlainPath says whether a path is without query, escapes and what may be understood in different ways.
func isPlainPath(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	for i := range len(path) {
		if kinds[path[i]]&inPath == 0 || path[i] == '/' && i+1 < len(path) && (path[i+1] == '/' || path[i+1] == '.') {
			return false
		}
	}
	return true
}

func isHost(host string) bool {
	for i := range len(host) {
		if kinds[host[i]]&inHost == 0 {
			return false
		}
	}
	return host != ""
}

// isText says whether a value is as RFC 9113, 8.2.1 has it, and ASCII.
func isText(value string) bool {
	for i := range len(value) {
		if kinds[value[i]]&inValue == 0 {
			return false
		}
	}
	return value == "" || !isSpace(value[0]) && !isSpace(value[len(value)-1])
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// Where a byte may stand.
const (
	inPath  = 1 << iota // RFC 3986, 3.3, without escapes and what net/url would escape
	inHost              // RFC 3986, 3.2.2, likewise, and a port
	inValue             // RFC 9110, 5.5, without what is not ASCII
)

var kinds = func() (kinds [256]uint8) {
	for c := ' '; c <= '~'; c++ {
		kinds[c] |= inValue
	}
	kinds['\t'] |= inValue
	const alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	for _, c := range alphanumeric + "-._~$&+,;=:@/" {
		kinds[c] |= inPath
	}
	for _, c := range alphanumeric + "-._:[]" {
		kinds[c] |= inHost
	}
	return kinds
}()
