package webserver

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/webserver/accesslog"
	"tinycdn/webserver/h1"
	"tinycdn/webserver/page"
)

// fastConn is a connection of the express, and what its client said last: most say the same again.
type fastConn struct {
	server   *Server
	stopping *atomic.Bool
	conn     net.Conn
	until    time.Time // the read deadline
	request  page.Request

	referer, agent said
	plainHost      string // in lower case, without port
}

// said is a text that is copied only when it is another one.
type said struct{ text string }

func (s *said) now(text []byte) string {
	say(&s.text, text)
	return s.text
}

func say(last *string, text []byte) {
	if *last != string(text) {
		*last = string(text)
	}
}

// take fills in what a request says.
func (c *fastConn) take(q *h1.Request) {
	r := &c.request
	r.Method = http.MethodGet
	if q.Head {
		r.Method = http.MethodHead
	}
	say(&r.Host, q.Host)
	say(&r.Path, q.Path)
	r.URI = r.Path
	say(&r.AcceptEncoding, q.AcceptEncoding)
	say(&r.IfModifiedSince, q.IfModifiedSince)
	if q.IfNoneMatch != nil && len(q.IfNoneMatch) == 0 {
		r.IfNoneMatch = page.Never
	} else {
		say(&r.IfNoneMatch, q.IfNoneMatch)
	}
}

// replies are buffers in which header and body go to the kernel together.
var replies = sync.Pool{New: func() any { b := make([]byte, 0, 16<<10); return &b }}

// largestCopy is the length up to which a body is copied behind its header, which saves a system call: both fit into a
// buffer as the pool has them. A client that does not read holds that buffer, and there may be 10,000 of them.
const largestCopy = 15 << 10

func newFastConn(e *express, conn net.Conn) *fastConn {
	c := &fastConn{server: e.server, stopping: &e.stopping, conn: conn}
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		c.request.Client = tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	_, c.request.Secure = conn.(*tls.Conn)
	c.request.Vouched = true // what came by way of a proxy is not simple
	return c
}

// waitUntil sets the read deadline, unless the one there is is much the same.
func (c *fastConn) waitUntil(t time.Time) {
	if off := t.Sub(c.until); off < 0 || off > time.Second {
		c.until = t
		c.conn.SetReadDeadline(t)
	}
}

// result is what came of a request.
type result uint8

const (
	answered result = iota
	declined        // net/http will answer
	ended           // answered, and the connection ends
)

// answer answers a request with a page that is ready.
func (c *fastConn) answer(q *h1.Request) result {
	s, begin := c.server, time.Now()
	c.take(q)
	site, p := c.find()
	if p == nil {
		return declined
	}
	v := p.Pick(c.request.AcceptEncoding)
	e := accesslog.Entry{Time: begin, Took: time.Since(begin), Status: http.StatusOK}
	body := v.Body
	unchanged, tag := c.unchanged(p, v)

	buffer := replies.Get().(*[]byte)
	defer replies.Put(buffer)
	reply := (*buffer)[:0]
	if unchanged {
		e.Status, body = http.StatusNotModified, nil
		reply = append(reply, "HTTP/1.1 304 Not Modified\r\nDate: "...)
	} else {
		reply = append(reply, "HTTP/1.1 200 OK\r\nDate: "...)
	}
	reply = append(reply, s.clock.date(begin)...)
	reply = append(reply, site.head(c.request.Secure)...)
	reply = append(reply, "Cache-Status: tinycdn; hit\r\nAge: 0\r\nServer-Timing: "...)
	reply = append(reply, s.timings.field(e.Took, page.Hit)[0]...)
	reply = append(reply, "\r\n"...)
	if unchanged {
		reply = appendBrief(reply, v, tag)
	} else {
		reply = append(reply, v.Head...)
	}
	stopping := c.stopping.Load()
	if stopping {
		reply = append(reply, "Connection: close\r\n"...)
	}
	reply = append(reply, "\r\n"...)
	if q.Head {
		body = nil
	}
	e.Bytes = int64(len(body))
	c.note(site, q, &e)
	s.packer.Add(p)
	if c.write(reply, body, buffer) != nil || stopping {
		return ended
	}
	return answered
}

// find gives the page, if it is one that nothing but the path decides about.
func (c *fastConn) find() (*serving, *page.Page) {
	s, q := c.server, &c.request
	site, plain := s.table.Load().find(q.Host)
	if site == nil || site.Site == nil || !q.Secure && s.redirectsTo443() {
		return nil, nil
	}
	if site.Canonical != "" && plain != site.Canonical || site.redirects.find(q.Path, "") != nil {
		return nil, nil
	}
	c.plainHost = plain
	a := site.Site.Answer(q)
	if a.Page == nil || a.Page.Status != http.StatusOK || a.Cache != page.WasThere {
		return nil, nil
	}
	return site, a.Page
}

// unchanged says whether the client has the page already, and by which tag it knows it.
func (c *fastConn) unchanged(p *page.Page, v *page.Variant) (bool, string) {
	q := &c.request
	if q.IfNoneMatch != "" {
		tag, ok := matchesWeakly(q.IfNoneMatch, p, v, q.AcceptEncoding)
		return ok, tag
	}
	if q.IfModifiedSince == "" || p.Modified.IsZero() {
		return false, ""
	}
	since, err := http.ParseTime(q.IfModifiedSince)
	return err == nil && !p.Modified.After(since), v.ETag
}

func appendBrief(reply []byte, v *page.Variant, tag string) []byte {
	for _, lines := range v.Brief {
		value := lines.Values[0]
		if lines.Name == "Etag" {
			value = tag
		}
		reply = append(reply, lines.Name...)
		reply = append(reply, ": "...)
		reply = append(reply, value...)
		reply = append(reply, "\r\n"...)
	}
	return reply
}

// write sends header and body. The buffer takes the room that it needed.
func (c *fastConn) write(reply, body []byte, buffer *[]byte) error {
	if len(body) <= largestCopy {
		reply, body = append(reply, body...), nil
	}
	*buffer = reply[:0]
	_, err := c.conn.Write(reply)
	if err == nil && len(body) > 0 {
		_, err = c.conn.Write(body)
	}
	return err
}

// note counts and logs a response.
func (c *fastConn) note(site *serving, q *h1.Request, e *accesslog.Entry) {
	if c.server.access != nil {
		e.Site, e.Host, e.Client, e.URI, e.Proto = site.Name, c.plainHost, c.request.Client, c.request.URI, "HTTP/1.1"
		e.Referer, e.Agent = c.referer.now(q.Referer), c.agent.now(q.Agent)
		e.Method = c.request.Method
	}
	c.server.record(site, page.Hit, e)
}
