package h1

import (
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// conn is a connection, and what its client said last: most say the same again.
type conn struct {
	net.Conn
	server   *Server
	accepted net.Conn  // below TLS, if there is any
	until    time.Time // the read deadline
	request  page.Request
	reply    reply.Reply
}

// begin notes what holds for all requests of the connection.
func (c *conn) begin() {
	c.request.Client = inet.Of(c.RemoteAddr())
	c.request.Secure = c.server.config.TLS != nil
	c.request.Proto = "HTTP/1.1"
	if secure, ok := c.Conn.(*tls.Conn); ok {
		c.request.Named = page.NamedBy(secure.ConnectionState().ServerName, c.LocalAddr())
	}
}

// mostKept is the length of the texts of a request, all together, up to which they are kept until the next one. Browsers
// stay below it; who does not could have us hold as much again as a connection takes.
const mostKept = 1 << 10

// forget drops what would be held for nothing while there is no request: the page that was sent last, which may have gone
// from its site meanwhile, and texts that are long.
func (c *conn) forget() {
	c.reply = reply.Reply{}
	q := &c.request
	kept := len(q.Host) + len(q.Path) + len(q.AcceptEncoding) + len(q.IfNoneMatch) + len(q.IfModifiedSince) + len(q.Referer) + len(q.UserAgent)
	if kept > mostKept {
		*q = page.Request{Client: q.Client, Secure: q.Secure, Named: q.Named, Proto: q.Proto}
	}
}

// waitUntil sets the read deadline, unless the one there is is much the same.
func (c *conn) waitUntil(t time.Time) {
	if off := t.Sub(c.until); off < 0 || off > time.Second {
		c.until = t
		c.SetReadDeadline(t)
	}
}

// result is what came of a request.
type result uint8

const (
	answered result = iota
	declined        // net/http will answer
	ended           // answered, and the connection ends
)

// answer answers a request with a page that is ready, or declines. All that is rare is left to net/http.
func (c *conn) answer(q *Request) result {
	c.take(q)
	s, r := c.server, &c.reply
	s.config.Respond(&c.request, r)
	if r.Page == nil || r.Cache != page.WasThere || r.Status != http.StatusOK && r.Status != http.StatusNotModified {
		if r.Done != nil {
			r.Done()
		}
		return declined
	}
	buffer := buffers.Get().(*[bufferSend]byte)
	defer buffers.Put(buffer)
	head := buffer[:0]
	if r.Status == http.StatusNotModified {
		head = append(head, "HTTP/1.1 304 Not Modified\r\nDate: "...)
	} else {
		head = append(head, "HTTP/1.1 200 OK\r\nDate: "...)
	}
	head = append(head, s.clock.date(r.Begin)...)
	head = r.Heads.AppendTo(head)
	stopping := s.stopping.Load()
	if stopping {
		head = append(head, "Connection: close\r\n"...)
	}
	head = append(head, "\r\n"...)
	r.Sent = int64(len(r.Body))
	s.config.Observe(&c.request, r)
	err := c.send(head, r.Body)
	if r.Done != nil {
		r.Done()
	}
	if err != nil || stopping {
		return ended
	}
	return answered
}

// take fills in what a request says.
func (c *conn) take(q *Request) {
	r := &c.request
	r.Method = http.MethodGet
	if q.Head {
		r.Method = http.MethodHead
	}
	keep(&r.Host, q.Host)
	keep(&r.Path, q.Path)
	r.URI = r.Path
	keep(&r.AcceptEncoding, q.AcceptEncoding)
	keep(&r.IfModifiedSince, q.IfModifiedSince)
	if keep(&r.IfNoneMatch, q.IfNoneMatch); q.IfNoneMatch != nil && len(q.IfNoneMatch) == 0 {
		r.IfNoneMatch = page.Never
	}
	keep(&r.Referer, q.Referer)
	keep(&r.UserAgent, q.Agent)
	r.Hints = q.Hints
}

// keep copies a text only when it is another one.
func keep(last *string, text []byte) {
	if *last != string(text) {
		*last = string(text)
	}
}

// bufferSend is room for header and body of most pages.
const bufferSend = 16 << 10

// buffers are those in which header and body go to the kernel together.
var buffers = sync.Pool{New: func() any { return new([bufferSend]byte) }}

// send sends header and body. A body that fits into the buffer behind its header is copied there, which saves a system call.
// The buffer never grows: a client that does not read holds it, and there may be 10,000 of them; a header longer than that has
// room of its own, for as long as it takes.
func (c *conn) send(head, body []byte) error {
	if len(body) <= cap(head)-len(head) {
		head, body = append(head, body...), nil
	}
	_, err := c.Write(head)
	if err == nil && len(body) > 0 {
		_, err = c.Write(body)
	}
	return err
}
