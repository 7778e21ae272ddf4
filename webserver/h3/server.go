// Package h3 serves those requests of HTTP/3 that nearly all are: for a page that is there. It looks at a stream without taking
// anything of it, and leaves every other to quic-go's http3, as it came.
package h3

import (
	"errors"
	"io"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// Stream is a request stream of QUIC.
type Stream interface {
	// Peek fills b with what comes next, once all of it is there, and takes nothing.
	Peek(b []byte) (int, error)
	io.ReadWriteCloser
	SetWriteDeadline(time.Time) error
	// SetPriority says how it is sent beside the other streams of its connection (RFC 9218).
	SetPriority(urgency int8, incremental bool)
}

// Config says who answers the requests that a server reads.
type Config struct {
	Respond   func(*page.Request, *reply.Reply)  // decides what a request gets
	Observe   func(*page.Request, *reply.Reply)  // counts and logs what was sent
	WriteTime func(octets int) time.Duration     // how long a client may take for a body
	LogPanic  func(host, path string, fault any) // is told of a mistake of ours, which costs the stream and no more
}

// Server answers plain requests for pages by itself.
type Server struct {
	config Config
	clock  clock
	copied atomic.Int64 // bodies that are held as copies
}

// NewServer makes a server.
func NewServer(c Config) *Server { return &Server{config: c} }

// Peer is who is at the other end of a connection.
type Peer struct {
	Named string      // see page.NamedBy
	ranks atomic.Bool // one of its requests had a Priority
}

// longestBody that is sent from here, in octets. Of a longer one http3 knows while it is sent, so that the client may still say that
// others are more urgent (RFC 9218, 7.2); and what it costs is not the beginning.
const longestBody = 256 << 10

// Exchange is a plain request that still lies in its stream, and what it gets.
type Exchange struct {
	plain   Request
	request page.Request // its texts stay for the next one: most clients say the same
	reply   reply.Reply

	size  int                // of the HEADERS frame, in octets
	frame [longestFrame]byte // the request as it came
	block block              // what is read of it
	head  []byte             // of the answer, with all that stands before the body
}

// exchanges are those that are over, for the next ones.
var exchanges = sync.Pool{New: func() any { return &Exchange{head: make([]byte, 0, 1<<10)} }}

// Read waits for the header of a request, and gives it if it is plain; in the end, Drop must follow. It gives nil for all
// others, and for streams that end too early: they are as they were, and http3 will know.
func (s *Server) Read(stream Stream) *Exchange {
	x := exchanges.Get().(*Exchange)
	if block := x.peek(stream); block != nil && x.parse(block) {
		return x
	}
	x.Drop()
	return nil
}

// ReadAll is Read for a stream of which it is known how many octets it has. False: they are not all there, or are many.
func (s *Server) ReadAll(stream Stream, size int) (x *Exchange, there bool) {
	if size > longestFrame {
		return nil, false
	}
	x = exchanges.Get().(*Exchange)
	block, there := x.peekAll(stream, size)
	if block != nil && x.parse(block) {
		return x, true
	}
	x.Drop()
	return nil, there
}

// Result is what came of a request.
type Result uint8

// Results.
const (
	Declined Result = iota // nothing was taken of the stream, or sent: it is for http3
	Answered               // and the client has said all that it had to say
	Unread                 // answered, and more may come, which nobody will read
	Failed                 // the answer is not whole: the stream is to be reset
)

// Answer answers a request with a page that is ready, or declines. All that is rare is left to http3.
func (s *Server) Answer(x *Exchange, stream Stream, peer *Peer, client netip.Addr) (result Result) {
	defer func() {
		if fault := recover(); fault != nil {
			s.config.LogPanic(x.request.Host, x.request.Path, fault)
			result = Failed
		}
	}()
	x.take(peer, client)
	r := &x.reply
	s.config.Respond(&x.request, r)
	if r.Done != nil {
		defer r.Done()
	}
	if r.Page == nil || r.Cache != page.WasThere || len(r.Body) > longestBody || r.Parts != nil || !x.writeHead(s.clock.date(r.Begin)) {
		return Declined
	}
	urgency, incremental := x.priority(peer)
	stream.SetPriority(urgency, incremental)
	result = Answered
	if _, err := stream.Read(x.frame[:x.size]); err == nil { // it is there; err tells that nothing follows
		result = Unread
	} else if !errors.Is(err, io.EOF) {
		return Failed
	}
	if !s.send(x, stream) {
		result = Failed
	}
	s.config.Observe(&x.request, r)
	return result
}

// take fills in what a request says.
func (x *Exchange) take(peer *Peer, client netip.Addr) {
	r, q := &x.request, &x.plain
	r.Client, r.Secure, r.Named, r.Proto = client, true, peer.Named, "HTTP/3.0"
	r.Method = q.Method
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

// Drop ends an exchange, and the hold that it has on a page.
func (x *Exchange) Drop() {
	x.plain, x.reply = Request{}, reply.Reply{}
	exchanges.Put(x)
}
