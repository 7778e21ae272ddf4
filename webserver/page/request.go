package page

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"tinycdn/geoip/inet"
)

// Request is what an answer depends on. Whoever reads HTTP fills it, in whatever version of the protocol; it lives until
// the answer is sent. A text that is empty stands for a field that is absent, or that counts as if it were: see Read.
type Request struct {
	Method  string
	Host    string // as it came, with a port perhaps
	Port    string // ":8080", if the client names a port of ours in Host that is not the usual one; else ""
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
	Vouched bool       // a proxy that we trust says who Client is
	Named   string     // what the peer named when it began TLS with us, see NamedBy; "": it did not

	// These are for the log and the statistics alone.
	Proto     string // "HTTP/1.1"
	Referer   string
	UserAgent string
	Hints     Hints

	// Early takes what is to be sent before the answer (RFC 9110, 15.2), as long as that is waited for; nil: nobody does.
	Early http.ResponseWriter

	// HTTP is all of the request, where whoever read it has that. If it is nil no more than the above has been seen, and
	// who would need more declines to answer.
	HTTP *http.Request
}

// RequestOf is a request as net/http reads it, from its peer.
func RequestOf(r *http.Request) (q Request) {
	q.Read(r)
	return q
}

// Read fills in all but Vouched and Named as net/http has it, in place: a copy would cost a tenth of a hit. Conditions that cannot
// hold are told from those that are absent, so that nobody below has to look twice: RFC 9110, 13.1.3 and 14.2, want one
// date and one range; several are as good as none.
func (q *Request) Read(r *http.Request) {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	h := r.Header
	q.Method, q.Host, q.URI, q.Proto = r.Method, r.Host, r.RequestURI, r.Proto
	q.Path, q.RawPath, q.Query = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
	if q.Path == "" && r.URL.Host != "" && r.Method != http.MethodConnect {
		q.Path = "/" // RFC 9112, 3.2.2: the absolute form may leave it out
	}
	q.AcceptEncoding = joined(h["Accept-Encoding"])
	q.IfNoneMatch = list(h["If-None-Match"])
	q.IfModifiedSince = single(h["If-Modified-Since"])
	q.IfMatch = list(h["If-Match"])
	q.IfUnmodifiedSince = single(h["If-Unmodified-Since"])
	q.IfRange, q.Range = "", single(h["Range"])
	if q.Range != "" {
		q.IfRange = onlyOne(h["If-Range"])
	}
	q.Port, q.Early = "", nil
	q.Client, q.Secure, q.Vouched, q.Named = inet.Plain(peer.Addr()), r.TLS != nil, false, ""
	q.Referer, q.UserAgent, q.Hints = joined(h["Referer"]), joined(h["User-Agent"]), hintsIn(h)
	q.HTTP = r
}

// NamedBy is what a client of TLS named: the host of its Server Name Indication (RFC 6066, 3), or else the address that it came
// to.
func NamedBy(serverName string, local net.Addr) string {
	if serverName != "" || local == nil {
		return serverName
	}
	return inet.Of(local).String()
}

// IsForwarded says whether fields tell that a proxy has passed the request on. Without HTTP it is none such: whoever reads
// requests leaves these to net/http.
func (q *Request) IsForwarded() bool {
	if q.HTTP == nil {
		return false
	}
	h := q.HTTP.Header
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

// Reads says whether the method is one that pages are for.
func (q *Request) Reads() bool { return q.Method == http.MethodGet || q.Method == http.MethodHead }

// Moved sends the request on to another path of the site, which is escaped, with its query.
func (q *Request) Moved(path string) Answer {
	if q.Query != "" {
		path += "?" + q.LocationQuery()
	}
	return Ready(Redirect(http.StatusMovedPermanently, path))
}

// Target is the path and query, escaped as they may stand in a request line or a location.
func (q *Request) Target() string {
	u := url.URL{Path: q.Path, RawPath: q.RawPath, RawQuery: q.Query}
	u.ForceQuery = q.Query == "" && strings.HasSuffix(q.URI, "?")
	return u.RequestURI()
}

// LocationQuery is the query as it may stand in a location: a # that a client did not escape would end it there, and so may a space.
func (q *Request) LocationQuery() string {
	if !strings.ContainsFunc(q.Query, endsLocation) {
		return q.Query
	}
	var b strings.Builder
	for _, c := range []byte(q.Query) {
		if endsLocation(rune(c)) {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func endsLocation(c rune) bool { return c == '#' || c <= ' ' || c == 0x7f }
