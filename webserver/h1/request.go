// Package h1 serves those requests of HTTP/1.1 that nearly all are: for a page, short and honest. It allocates nothing, and
// leaves every other to net/http.
package h1

import (
	"bytes"

	"tinycdn/webserver/page"
)

// Verdict is what can be said of some bytes.
type Verdict uint8

// Verdicts.
const (
	Simple  Verdict = iota // a request that can be answered from what Request holds of it
	More                   // a part of a request that may be simple
	Decline                // anything else, wrong or merely rare
)

// Request is a GET or HEAD. Its slices are parts of the bytes that were read; nil: there is no such field.
type Request struct {
	Head            bool   // HEAD
	Path            []byte // begins with a slash; no escapes, no query, no segment that begins with a dot
	Host            []byte
	AcceptEncoding  []byte
	IfNoneMatch     []byte
	IfModifiedSince []byte
	Referer         []byte
	Agent           []byte
	Hints           page.Hints
}

// Parse reads the request at the beginning of b (RFC 9112, 2.1), and says how many bytes it is long. It wants every line
// as the RFC has it: where readers have been found to differ, it declines.
func Parse(b []byte, q *Request) (n int, v Verdict) {
	*q = Request{}
	path, ok := cutMethod(b, q)
	if !ok {
		return 0, couldBecome(b)
	}
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		return 0, soFar(path, b, q)
	}
	n = end + len("\r\n\r\n")
	rest, ok := cutTarget(path, b[:n], q)
	if !ok {
		return 0, Decline
	}
	for len(rest) > len("\r\n") {
		var ok bool
		if rest, ok = q.cutField(rest); !ok {
			return 0, Decline
		}
	}
	if len(q.Host) == 0 { // RFC 9112, 3.2: without a host it is an error
		return 0, Decline
	}
	return n, Simple
}

// cutMethod gives the offset of the path.
func cutMethod(b []byte, q *Request) (path int, ok bool) {
	switch {
	case bytes.HasPrefix(b, []byte("GET /")):
		return len("GET "), true
	case bytes.HasPrefix(b, []byte("HEAD /")):
		q.Head = true
		return len("HEAD "), true
	}
	return 0, false
}

// couldBecome says whether more bytes could make a simple request of these, which are too few for a method.
func couldBecome(b []byte) Verdict {
	if bytes.HasPrefix([]byte("GET /"), b) || bytes.HasPrefix([]byte("HEAD /"), b) || string(b) == "\r" {
		return More
	}
	return Decline
}

// soFar judges the beginning of a request. One that net/http would not wait to see the end of must not wait here either:
// it takes lines that end in LF alone, and refuses a request line that is none at once.
func soFar(path int, b []byte, q *Request) Verdict {
	line := bytes.IndexByte(b, '\n')
	if line < 0 {
		return More
	}
	if _, ok := cutTarget(path, b[:line+1], q); !ok {
		return Decline
	}
	for at := line; at >= 0; {
		if b[line-1] != '\r' {
			return Decline
		}
		at = bytes.IndexByte(b[line+1:], '\n')
		line += 1 + at
	}
	return More
}

// cutTarget reads the rest of the request line, and gives the lines behind it.
func cutTarget(at int, b []byte, q *Request) (rest []byte, ok bool) {
	start := at
	for ; kinds[b[at]]&inPath != 0; at++ {
		if b[at] == '/' && (b[at+1] == '.' || b[at+1] == '/') {
			return nil, false
		}
	}
	q.Path = b[start:at]
	return bytes.CutPrefix(b[at:], []byte(" HTTP/1.1\r\n"))
}

// cutField reads one field (RFC 9112, 5), and gives the lines behind it.
func (q *Request) cutField(b []byte) (rest []byte, ok bool) {
	colon := 0
	for kinds[b[colon]]&inToken != 0 {
		colon++
	}
	end := bytes.IndexByte(b, '\n')
	if colon == 0 || b[colon] != ':' || b[end-1] != '\r' {
		return nil, false
	}
	value := b[colon+1 : end-1]
	for _, c := range value {
		if kinds[c]&inValue == 0 {
			return nil, false
		}
	}
	if value = bytes.Trim(value, " \t"); value == nil {
		value = []byte{} // empty is not absent
	}
	return b[end+1:], q.take(b[:colon], value)
}

// take keeps the fields that a page depends on. It says whether the request is simple still: fields that it does not
// know make no difference to a page, but there are some that do to the connection, or that ask for more.
func (q *Request) take(name, value []byte) bool {
	var place *[]byte
	switch {
	case is(name, "host"):
		place = &q.Host
	case is(name, "accept-encoding"):
		place = &q.AcceptEncoding
	case is(name, "if-none-match"):
		place = &q.IfNoneMatch
	case is(name, "if-modified-since"):
		place = &q.IfModifiedSince
	case is(name, "referer"):
		place = &q.Referer
	case is(name, "user-agent"):
		place = &q.Agent
	case is(name, "connection"):
		return is(value, "keep-alive")
	default:
		q.Hints |= hintOf(name, value)
		return !isWeighty(name)
	}
	if *place != nil { // two of a kind may be understood in different ways
		return false
	}
	*place = value
	return true
}

// isWeighty says whether a field asks for what a simple answer does not give.
func isWeighty(name []byte) bool {
	for _, weighty := range [...]string{
		"content-length", "transfer-encoding", "te", "trailer", "expect", "upgrade", "http2-settings",
		"range", "if-range", "if-match", "if-unmodified-since", "forwarded", "x-forwarded-for", "via", "x-real-ip",
	} {
		if is(name, weighty) {
			return true
		}
	}
	return false
}

// is compares without regard to case. The word is in lower case.
func is(name []byte, word string) bool {
	if len(name) != len(word) {
		return false
	}
	for i := range name {
		c := name[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// Where a byte may stand.
const (
	inPath  = 1 << iota // RFC 3986, 3.3, without escapes
	inToken             // RFC 9110, 5.6.2
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
	for _, c := range alphanumeric + "!#$%&'*+-.^_`|~" {
		kinds[c] |= inToken
	}
	return kinds
}()
