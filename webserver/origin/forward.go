package origin

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"tinycdn/webserver/cache"
	"tinycdn/webserver/page"
)

// requestOf makes the request that fetches the page of a key: without what must not be part of a page that others get,
// and asking whether what is stored still holds.
func (s *Site) requestOf(ctx context.Context, l *lookup) *http.Request {
	out := &http.Request{Method: http.MethodGet, Header: l.q.HTTP.Header.Clone(), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	cache.RemoveHopByHop(out.Header)
	for _, name := range [...]string{
		"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range", "Expect", "Content-Length",
		"Accept-Encoding", "Cache-Control", "Pragma",
	} {
		delete(out.Header, name)
	}
	// The response may pass through to the visitor as it is, if it turns out that it must not be kept.
	accepted := page.Accept(l.q.AcceptEncoding)
	if accepted[page.Gzip] > 0 {
		out.Header.Set("Accept-Encoding", "gzip")
	}
	if l.found != nil {
		// RFC 9111, 4.3.1
		if tag := l.found.header.Get("Etag"); tag != "" {
			out.Header.Set("If-None-Match", tag)
		}
		if modified := l.found.header.Get("Last-Modified"); modified != "" {
			out.Header.Set("If-Modified-Since", modified)
		}
	}
	s.address(out, l.key, l.q.Client)
	return out.WithContext(ctx)
}

// address directs a request to the application, and tells it who asks.
func (s *Site) address(out *http.Request, k key, from netip.Addr) {
	u := *s.config.URL
	path, query, asked := strings.Cut(k.target, "?")
	// RawPath is sent as it stands if it is well-formed: what the visitor wrote is what was looked up.
	u.RawPath = s.prefix + path
	u.Path, _ = url.PathUnescape(u.RawPath)
	u.RawQuery, u.ForceQuery = query, asked && query == ""
	out.URL = &u
	if out.Host = s.config.Host; out.Host == "" {
		out.Host = k.host
	}
	removeClaims(out.Header)
	delete(out.Header, "Http2-Settings") // it concerns the connection (RFC 7540, 3.2.1), whether Connection says so or not
	client := "unknown"                  // RFC 7239, 6.2
	if from.IsValid() {
		client = from.String()
	}
	scheme := "http"
	if k.secure {
		scheme = "https"
	}
	out.Header.Set("X-Forwarded-For", client)
	out.Header.Set("X-Forwarded-Host", k.host)
	out.Header.Set("X-Forwarded-Proto", scheme)
	if strings.Contains(client, ":") {
		client = `"[` + client + `]"` // RFC 7239, 6
	}
	out.Header.Set("Forwarded", "for="+client+`;host="`+k.host+`";proto=`+scheme)
	out.Header.Set("Via", s.via)
	if out.Header["User-Agent"] == nil {
		out.Header["User-Agent"] = []string{""} // else it would be Go's
	}
}

// removeClaims takes away what a visitor says about himself, the host or the path in fields that applications take for
// a proxy's word. They are not part of the key: a page made by them would be everybody's. Nor is a name with an
// underscore, which many an application cannot tell from one with a hyphen.
func removeClaims(header http.Header) {
	for name := range header {
		switch {
		case strings.HasPrefix(name, "X-Forwarded"), strings.HasPrefix(name, "X-Original-"), strings.HasPrefix(name, "X-Rewrite-"),
			strings.HasPrefix(name, "X-Http-Method"), strings.Contains(name, "_"):
			delete(header, name)
		}
		switch name {
		case "Forwarded", "Via", "Proxy", "X-Host", "X-Real-Ip", "X-Client-Ip", "Client-Ip", "True-Client-Ip", "X-Cluster-Client-Ip",
			"Cf-Connecting-Ip", "Fastly-Client-Ip", "X-Method-Override", "X-Server-Name", "X-Proxyuser-Ip",
			"X-Forward-For", "X-Forward-Host", "X-Http-Host-Override", "X-Scheme", "X-Url-Scheme", "Front-End-Https":
			delete(header, name)
		}
	}
}

// makeLocal mends what an application says of its own address, which does not concern the visitor, and of HTTPS to one who did
// not come that way (RFC 6797, 7.2).
func (s *Site) makeLocal(response *http.Response) {
	header := response.Header
	delete(header, "Alt-Svc")
	if response.Request.Header.Get("X-Forwarded-Proto") == "http" {
		delete(header, "Strict-Transport-Security")
	}
	there, err := url.Parse(header.Get("Location"))
	if err != nil || there.Scheme != "http" && there.Scheme != "https" || there.User != nil {
		return
	}
	isOwn := there.Host == s.config.URL.Host && there.Scheme == s.config.URL.Scheme && s.config.Socket == ""
	if isOwn || s.config.Host != "" && strings.EqualFold(there.Host, s.config.Host) {
		there.Scheme, there.Host = "", ""
		path := there.EscapedPath()
		if rest, below := strings.CutPrefix(path, s.prefix); below && (rest == "" || rest[0] == '/') {
			path = rest
		}
		there.Path, there.RawPath = "", ""
		header.Set("Location", "/"+strings.TrimLeft(path, "/")+there.String()) // "//host" would leave this one
	}
}
