package page

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"tinycdn/geoip"
)

// Request is what an answer depends on. Whoever reads HTTP fills it, in whatever version of the protocol; it lives until
// the answer is sent. A text that is empty stands for a field that is absent, or that counts as if it were: see RequestOf.
type Request struct {
	Method  string
	Host    string // as it came, with a port perhaps
	URI     string // as it came: the target of the request line, or :path
	Path    string // without escapes
	RawPath string // with them, where they are not those that Path would be given (url.URL); else ""
	Query   string // with its escapes

	AcceptEncoding    string
	IfNoneMatch       string
	IfModifiedSince   string
	IfMatch           string
	IfUnmodifiedSince string
	IfRange           string
	Range             string

	Client  netip.Addr // who asks, without zone and not mapped
	Secure  bool       // the client speaks TLS, with us or with a proxy that we trust
	Vouched bool       // Client is no proxy that asks for somebody else, as far as those that we trust can tell
	Chunked bool       // a body follows whose length nobody has told (RFC 9112, 7.1)

	// These are for the log alone.
	Proto     string // "HTTP/1.1"
	Referer   string
	UserAgent string

	// HTTP is all of the request, where whoever read it has that. If it is nil no more than the above has been seen, and
	// who would need more declines to answer.
	HTTP *http.Request
}

// RequestOf is a request as net/http reads it, from its peer. Conditions that cannot hold are told from those that are
// absent, so that nobody below has to look twice: RFC 9110, 13.1.3 and 14.2, want one date and one range; several are as
// good as none.
func RequestOf(r *http.Request) Request {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	h := r.Header
	return Request{
		Method: r.Method, Host: r.Host, URI: r.RequestURI, Path: r.URL.Path, RawPath: r.URL.RawPath, Query: r.URL.RawQuery,
		AcceptEncoding:    joined(h["Accept-Encoding"]),
		IfNoneMatch:       list(h["If-None-Match"]),
		IfModifiedSince:   single(h["If-Modified-Since"]),
		IfMatch:           list(h["If-Match"]),
		IfUnmodifiedSince: single(h["If-Unmodified-Since"]),
		IfRange:           onlyOne(h["If-Range"]),
		Range:             single(h["Range"]),
		Client:            geoip.Plain(peer.Addr()),
		Secure:            r.TLS != nil,
		Vouched:           !isForwarded(h),
		Chunked:           r.TransferEncoding != nil,
		Proto:             r.Proto,
		Referer:           joined(h["Referer"]),
		UserAgent:         joined(h["User-Agent"]),
		HTTP:              r,
	}
}

// isForwarded says whether a request came by way of a proxy.
func isForwarded(h http.Header) bool {
	return h["X-Forwarded-For"] != nil || h["Forwarded"] != nil || h["Via"] != nil || h["X-Real-Ip"] != nil
}

// Never is a value that no list of tags and no If-Range holds by: what a field is that is there, but says nothing.
const Never = ","

// list joins the lines of a list. An empty one is not absent: no tag is in it.
func list(lines []string) string {
	if text := joined(lines); text != "" || lines == nil {
		return text
	}
	return Never
}

// onlyOne is the value of a field that must not be there twice.
func onlyOne(lines []string) string {
	switch {
	case lines == nil:
		return ""
	case len(lines) == 1 && lines[0] != "":
		return lines[0]
	}
	return Never
}

// single is the value of a field that counts only if it is there once.
func single(lines []string) string {
	if len(lines) != 1 {
		return ""
	}
	return lines[0]
}

// joined is the value of a field that may stand in several lines (RFC 9110, 5.3).
func joined(lines []string) string {
	switch len(lines) {
	case 0:
		return ""
	case 1:
		return lines[0]
	}
	return strings.Join(lines, ", ")
}

// Target is the path and query, escaped as they may stand in a request line or a location.
func (q *Request) Target() string {
	u := url.URL{Path: q.Path, RawPath: q.RawPath, RawQuery: q.Query}
	u.ForceQuery = q.Query == "" && strings.HasSuffix(q.URI, "?")
	return u.RequestURI()
}

// LocationQuery is the query as it may stand in a location: a # that a client did not escape would end it there.
func (q *Request) LocationQuery() string { return strings.ReplaceAll(q.Query, "#", "%23") }
