package h2

import (
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// conn is a connection. One goroutine reads it, answers what it can, and writes; while there is more to send than fits into a batch, another one
// does that, so that the client can take back what he asked for.
type conn struct {
	server *Server
	tls    transport
	wire   *wire
	work   sync.WaitGroup // of what sends beside the reader

	// The reader's own:
	in          []byte // what was read
	start, tail int    // of it, what is not handled yet
	header      header
	base        page.Request // what holds for all requests
	request     request
	reply       reply.Reply
	resets      allowance
	idle        allowance
	prefaced    bool
	greeted     bool // the first SETTINGS have come
	acked       bool // ours were acknowledged

	mu      sync.Mutex // everything below
	out     []byte     // what is sent next and is not sealed yet: less than a record; nil: nothing
	sending bool       // somebody has a batch on its way
	soon    bool       // flushSoon is on its way
	room    sync.Cond  // told when a batch is sent, and when all is over
	over    error      // why no more is read or sent
	streams []*stream  // those that are not over
	turn    int        // which of them sends next
	owed    int        // octets of those that are known to fit into the window
	window  int64      // of the connection, for what we send
	initial int64      // of new streams
	last    uint32     // the highest stream that the client has begun
	lane    *lane      // nil: no stream has needed it yet
	leaving bool       // GOAWAY is sent: no more streams are begun
	busy    bool       // what ConnState was told
	late    time.Time  // when what has begun to arrive must be there; zero: nothing has
	rested  time.Time  // since when there is no stream
	until   time.Time  // the read deadline
}

const (
	// readRoom is what is kept for each connection that is idle: requests of a browser have some 100 to 1,000 octets.
	readRoom = 4 << 10
	// goAwayTime is how long a client may take to close a connection when it is told to: so long his last frames may be on their way.
	goAwayTime = time.Second
)

// transport is TLS.
type transport interface {
	net.Conn
	CloseWrite() error
}

func newConn(s *Server, on *wire, over transport, named string) *conn {
	c := &conn{server: s, tls: over, wire: on, window: firstWindow, initial: firstWindow}
	c.base = page.Request{Client: inet.Of(on.RemoteAddr()), Secure: true, Proto: "HTTP/2.0", Named: named}
	c.room.L = &c.mu
	c.header.init(s.config.HeaderBytes)
	return c
}

// run serves the connection until it ends.
func (c *conn) run() {
	defer c.work.Wait()
	defer c.wire.Close() // whoever writes ends with that
	c.in = make([]byte, readRoom)
	c.wire.collecting = true
	c.mu.Lock()
	c.greet()
	for c.over == nil {
		c.receive()
	}
	why := c.over
	c.drop()
	c.mu.Unlock()
	c.farewell(why)
}

// greet sends our SETTINGS, which begin what we say (RFC 9113, 3.4).
func (c *conn) greet() {
	now := time.Now()
	c.late, c.rested = now.Add(c.server.config.HeaderTime), now
	config := &c.server.config
	c.put(appendSettings(nil,
		setting{settingFrameSize, frameSize}, setting{settingStreams, uint32(config.Streams)},
		setting{settingHeaderList, uint32(config.HeaderBytes)}, setting{settingInitialWindow, uint32(config.Window)}))
}

// receive handles all that has come, sends what is to be said to it, and waits for more.
func (c *conn) receive() {
	c.handle()
	for c.over == nil { // more of it may be beneath TLS
		c.wire.draining = true
		n, err := c.tls.Read(c.in[c.tail:])
		c.wire.draining = false
		if c.tail += n; n == 0 {
			c.fail(err)
			break
		}
		c.handle()
	}
	if c.server.leaving.Load() {
		c.leave(noError)
	}
	c.flush(true)
	c.settle()
	if c.over != nil {
		return
	}
	c.rest()
	c.mu.Unlock()
	n, err := c.tls.Read(c.in[c.tail:])
	c.mu.Lock()
	if c.tail += n; n == 0 {
		c.fail(err)
	}
}

// recovered is deferred where the mutex is held and somebody else's code is run.
func (c *conn) recovered() {
	if fault := recover(); fault != nil {
		c.server.config.LogPanic(c.request.Host, c.request.Path, fault)
		c.end(internalError)
	}
}

// fail takes what reading has come to: time may be over for something, or there is nothing more to read.
func (c *conn) fail(err error) {
	switch {
	case err == nil, err == error(errNothing):
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.expire(time.Now())
	default:
		c.end(err)
	}
}

// rest gives back what an idle connection has no need of.
func (c *conn) rest() {
	c.reply = reply.Reply{}
	c.request = request{}
	c.header.forget()
	if c.start == c.tail && len(c.in) == largeRoom && len(c.streams) == 0 {
		rooms.Put((*[largeRoom]byte)(c.in))
		c.in, c.start, c.tail = make([]byte, readRoom), 0, 0
	}
}

// end has nothing more be read or sent. The first reason counts.
func (c *conn) end(why error) {
	if c.over == nil {
		c.over = why
		c.room.Broadcast()
		c.wake()
	}
}

// drop lets go of what is under way.
func (c *conn) drop() {
	for _, s := range c.streams {
		c.finish(s)
	}
	c.streams = nil
	if c.lane != nil {
		c.lane.shut()
	}
	c.settle()
}

// farewell says why the connection ends, if there is something to say, and has it arrive: what is still to be read when a
// socket is closed takes back what was sent (RFC 9112, 9.6, tells of the same).
func (c *conn) farewell(why error) {
	code, ours := why.(fault)
	if !ours {
		return
	}
	enough := time.Now().Add(goAwayTime)
	c.wire.SetDeadline(enough)
	c.mu.Lock()
	for c.sending {
		c.room.Wait()
	}
	if !c.leaving || code != noError {
		c.put(appendGoAway(nil, c.last, code))
	}
	c.seal()
	c.mu.Unlock()
	c.tls.CloseWrite()
	c.wire.SetWriteDeadline(enough) // crypto/tls has just had it pass
	if b := c.wire.take(); b == nil || c.wire.send(b) != nil {
		return
	}
	if half, ok := c.wire.Conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		c.discard()
	}
}

// discard reads what comes after the end, now and then: whoever goes on to flood us waits for us, and not we for each frame of his.
func (c *conn) discard() {
	room := rooms.Get().(*[largeRoom]byte)
	defer rooms.Put(room)
	for left := mostDiscarded; left > 0; <-time.After(betweenDiscards) {
		n, err := c.wire.Conn.Read(room[:])
		if left -= n; err != nil {
			return
		}
	}
}

const (
	mostDiscarded   = 1 << 20 // octets
	betweenDiscards = 20 * time.Millisecond
)

// settle tells whether there is anything under way.
func (c *conn) settle() {
	if busy := len(c.streams) > 0; busy != c.busy {
		c.tell(busy)
	}
	c.wait()
}

func (c *conn) tell(busy bool) {
	state := http.StateIdle
	if c.busy = busy; busy {
		state = http.StateActive
	} else {
		c.rested = time.Now()
	}
	c.server.config.ConnState(c.wire, state)
}
