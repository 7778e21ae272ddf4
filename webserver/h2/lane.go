package h2

import (
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2/hpack"
)

// lane is a connection in memory, beneath ours, at which net/http speaks HTTP/2: for the streams that we do not answer. Their
// numbers are the same on both. What the client says of them is passed on as it comes, but for headers, which are packed anew without the
// decoder's table; so are those of the answers, as net/http is told that the client has none, so that nobody's depend on another's. SETTINGS, PING and GOAWAY
// are ours to say. Both windows of the client are kept here: the lane knows those of its streams, and has one of its own for all of them.
type lane struct {
	conn *conn

	// Under the conn's mutex:
	frame []byte // of what net/http writes, the frame that is not complete yet
	block []byte // HEADERS, and the CONTINUATION frames that go with it
	owes  int    // octets that were sent of its window, and which it was not told of

	mu     sync.Mutex // everything below; the conn's may be held
	change sync.Cond
	in     []byte // what net/http is to read; nil: nothing
	at     int    // of it was read
	ended  bool
}

const (
	// laneRoom is how much is passed on before net/http reads it, which takes microseconds.
	laneRoom = 64 << 10
	// laneWindow is how much of all its streams may wait here for the client's windows.
	laneWindow = 128 << 10
)

// below gives a stream to the lane.
func (c *conn) below(id uint32) error {
	if c.lane == nil {
		l := &lane{conn: c}
		l.change.L = &l.mu
		l.in = append(l.in, preface...)
		l.in = appendSettings(l.in, setting{settingTableSize, 0}, setting{settingPush, 0}, setting{settingInitialWindow, uint32(c.initial)})
		l.in = appendWindow(l.in, 0, laneWindow-firstWindow)
		l.in = head{0, frameSettings, flagAck, 0}.appendTo(l.in)
		if !c.server.lanes.give(l) {
			return internalError
		}
		c.lane = l
	}
	c.streams = append(c.streams, &stream{id: id, window: c.initial, heard: c.header.last})
	c.lane.passHeader(id, c.header.fields, c.header.last)
	return nil
}

// pass has net/http read something. It waits for net/http to read what there is, for which that needs nothing of us.
func (l *lane) pass(parts ...[]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.in)-l.at > laneRoom && !l.ended {
		l.change.Wait()
	}
	if l.in == nil {
		l.in = passing.Get().(*[passingRoom]byte)[:0]
	}
	for _, part := range parts {
		l.in = append(l.in, part...)
	}
	l.change.Broadcast()
}

// passHeader passes fields on.
func (l *lane) passHeader(id uint32, fields []hpack.HeaderField, last bool) {
	var block []byte
	for _, f := range fields {
		block = appendPlain(block, f.Name, f.Value)
	}
	h := head{kind: frameHeaders, id: id}
	if last {
		h.flags = flagEndStream
	}
	var frames []byte
	for {
		h.length = min(len(block), frameSize)
		if h.length == len(block) {
			h.flags |= flagEndHeaders
		}
		frames = append(h.appendTo(frames), block[:h.length]...)
		if block = block[h.length:]; len(block) == 0 {
			l.pass(frames)
			return
		}
		h.kind, h.flags = frameContinuation, 0
	}
}

// paid gives net/http room in its window again for what was sent, or will never be.
func (l *lane) paid(f frame) {
	if f.kind == frameData {
		l.pays(f.length)
	}
}

func (l *lane) pays(octets int) {
	if l.owes += octets; l.owes >= laneWindow/2 {
		l.pass(appendWindow(nil, 0, l.owes))
		l.owes = 0
	}
}

// shut ends the connection for net/http, and with that all that it does for it.
func (l *lane) shut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	l.in = nil
	l.at = 0
	l.change.Broadcast()
}

func (l *lane) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.at == len(l.in) {
		if l.ended {
			return 0, io.EOF
		}
		l.change.Wait()
	}
	n := copy(p, l.in[l.at:])
	if l.at += n; l.at == len(l.in) {
		if cap(l.in) == passingRoom {
			passing.Put((*[passingRoom]byte)(l.in[:passingRoom]))
		}
		l.in, l.at = nil, 0
	}
	l.change.Broadcast()
	return n, nil
}

// passing are rooms for what is passed on, while there is something.
var passing = sync.Pool{New: func() any { return new([passingRoom]byte) }}

// passingRoom has room for what may wait, and one more frame.
const passingRoom = laneRoom + headSize + frameSize

// Close is net/http's word that it is done with the connection. It does that only at the end, or when something is wrong.
func (l *lane) Close() error {
	l.shut()
	l.conn.mu.Lock()
	defer l.conn.mu.Unlock()
	l.conn.end(internalError)
	return nil
}

// NetConn is the connection of the client.
func (l *lane) NetConn() net.Conn { return l.conn.tls }

func (l *lane) LocalAddr() net.Addr              { return l.conn.wire.LocalAddr() }
func (l *lane) RemoteAddr() net.Addr             { return l.conn.wire.RemoteAddr() }
func (l *lane) SetDeadline(time.Time) error      { return nil }
func (l *lane) SetReadDeadline(time.Time) error  { return nil }
func (l *lane) SetWriteDeadline(time.Time) error { return nil }
