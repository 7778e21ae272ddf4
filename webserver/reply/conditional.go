package reply

import (
	"net/http"
	"strings"
	"time"

	"tinycdn/webserver/page"
)

// verdict is what the conditions of a request come to.
type verdict uint8

const (
	send        verdict = iota // the page
	notModified                // 304
	failed                     // 412
)

// conditions weighs the conditional fields of a GET or HEAD in the order of RFC 9110, 13.2.2. With notModified comes
// the entity tag that the client has, which may be that of another coding of the same content.
func conditions(q *page.Request, p *page.Page, v *page.Variant) (verdict, string) {
	if q.IfMatch != "" {
		if !matchesStrongly(q.IfMatch, v.ETag) {
			return failed, ""
		}
	} else if since, ok := date(q.IfUnmodifiedSince); ok && !p.Modified.IsZero() && p.Modified.After(since) {
		return failed, ""
	}
	if q.IfNoneMatch != "" {
		if tag, ok := matchesWeakly(q.IfNoneMatch, p, v, q.AcceptEncoding); ok {
			return notModified, tag
		}
		return send, ""
	}
	if since, ok := date(q.IfModifiedSince); ok && p.UnchangedSince(since) {
		return notModified, v.ETag
	}
	return send, ""
}

// matchesWeakly finds a tag for the same content in an If-None-Match list (RFC 9110, 8.8.3.2 and 13.1.2). Tags that
// differ in nothing but the coding are for the same content: whoever holds it in gzip need not fetch it in brotli. But
// one in a coding that this client does not take is of no use to it: a cache between us may hold it for others.
func matchesWeakly(list string, p *page.Page, v *page.Variant, acceptEncoding string) (theirs string, ok bool) {
	if list == v.ETag && list != "" {
		return v.ETag, true // as nearly all requests have it
	}
	if strings.Trim(list, " \t") == "*" {
		return v.ETag, true
	}
	for theirs, rest, ok := nextTag(list); ok; theirs, rest, ok = nextTag(rest) {
		coding, ours := p.CodingOfTag(theirs)
		if ours && (coding == v.Coding || page.Accept(acceptEncoding)[coding] > 0) {
			return theirs, true
		}
	}
	return "", false
}

// matchesStrongly wants the very same bytes (RFC 9110, 13.1.1).
func matchesStrongly(list, tag string) bool {
	if strings.Trim(list, " \t") == "*" {
		return true
	}
	if tag == "" || strings.HasPrefix(tag, "W/") {
		return false
	}
	for theirs, rest, ok := nextTag(list); ok; theirs, rest, ok = nextTag(rest) {
		if theirs == tag {
			return true
		}
	}
	return false
}

// nextTag cuts the first entity tag off a list. A list that is none ends there.
func nextTag(list string) (tag, rest string, ok bool) {
	list = strings.TrimLeft(list, ", \t")
	open := 0
	if strings.HasPrefix(list, "W/") {
		open = 2
	}
	if len(list) <= open || list[open] != '"' {
		return "", "", false
	}
	length := strings.IndexByte(list[open+1:], '"')
	if length < 0 {
		return "", "", false
	}
	end := open + 1 + length + 1
	return list[:end], list[end:], true
}

// date reads a field that holds one HTTP date; any other value is as good as none (RFC 9110, 13.1.3).
func date(field string) (time.Time, bool) {
	if field == "" {
		return time.Time{}, false
	}
	t, err := http.ParseTime(field)
	return t, err == nil
}
