package visits

import (
	"net/http"
	"net/netip"
	"strings"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// view is a page that somebody looks at. Its texts are parts of the queue's memory.
type view struct {
	site, path, referrer, agent []byte
	client                      netip.Addr
	private                     bool // its visitor wants not to be followed
}

// isView says whether a request that was answered is somebody who opens a page: GET, all of an HTML page or that it has not changed, asked
// for by a browser that shows it. What is not told by that (who calls himself a bot) is for whoever counts.
func isView(q *page.Request, r *reply.Reply) bool {
	switch {
	case r.Status != http.StatusOK && r.Status != http.StatusNotModified,
		q.Method != http.MethodGet,
		q.Hints&(page.Ahead|page.Embeds) != 0,
		q.Hints&(page.Opens|page.WantsHTML) == 0:
		return false
	case r.Page != nil:
		return isHTML(r.Page.Field("Content-Type"))
	}
	return isHTML(r.Type)
}

func isHTML(kind string) bool {
	return strings.HasPrefix(kind, "text/html") || strings.HasPrefix(kind, "application/xhtml+xml")
}

// referrerHost is the host that a visitor came from, "" if none is told, or if it is the one that he is at.
func referrerHost(url, own string) string {
	at := strings.Index(url, "://")
	if at < 0 {
		return ""
	}
	host := url[at+len("://"):]
	for i := range len(host) {
		if c := host[i]; c == '/' || c == '?' || c == '#' {
			host = host[:i]
			break
		}
	}
	if host == own || len(host) > len(own) && host[len(own)] == ':' && host[:len(own)] == own {
		return ""
	}
	return host
}

// longest texts in octets. A path that is longer counts as one of the others; of an agent that is longer the beginning tells it from most.
const (
	longestPath  = 512
	longestHost  = 253
	longestAgent = 512
)

// appendView appends a view as the queue keeps it: the lengths of its texts first.
func appendView(b []byte, q *page.Request, r *reply.Reply) []byte {
	path, referrer, from := q.Path, referrerHost(q.Referer, r.Host), q.Client
	if q.Hints&page.Private != 0 {
		referrer, from = "", netip.Addr{}
	}
	if len(path) > longestPath {
		path = Other
	}
	if len(referrer) > longestHost {
		referrer = Other
	}
	site, agent := r.Site[:min(len(r.Site), longestPath)], q.UserAgent[:min(len(q.UserAgent), longestAgent)]
	flags := byte(0)
	if q.Hints&page.Private != 0 {
		flags |= isPrivate
	}
	if from.Is4() {
		flags |= isIPv4
	}
	client := from.As16()
	b = append(b, byte(len(site)>>8), byte(len(site)), byte(len(path)>>8), byte(len(path)), byte(len(referrer)), byte(len(agent)>>8), byte(len(agent)), flags)
	b = append(b, client[:]...)
	b = append(b, site...)
	b = append(b, path...)
	b = append(b, referrer...)
	return append(b, agent...)
}

const (
	isPrivate = 1 << iota
	isIPv4
)

// headLength is what stands before the texts of a view: how long they are, flags, and the address.
const headLength = 7 + 1 + 16

// cutView reads the first view of what appendView has written.
func cutView(b []byte) (v view, rest []byte) {
	flags := b[7]
	v.private = flags&isPrivate != 0
	v.client = netip.AddrFrom16([16]byte(b[8:headLength]))
	if flags&isIPv4 != 0 {
		v.client = v.client.Unmap()
	}
	v.client = inet.Subscriber(v.client)
	rest = b[headLength:]
	cut := func(n int) (text []byte) {
		text, rest = rest[:n], rest[n:]
		return text
	}
	v.site, v.path = cut(int(b[0])<<8|int(b[1])), cut(int(b[2])<<8|int(b[3]))
	v.referrer, v.agent = cut(int(b[4])), cut(int(b[5])<<8|int(b[6]))
	return v, rest
}
