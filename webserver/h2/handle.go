package h2

import (
	"bytes"
	"sync"
	"time"
)

// handle takes the frames that are there completely, and makes room for more.
func (c *conn) handle() {
	defer c.recovered()
	if !c.cutPreface() {
		return
	}
	for c.over == nil && c.tail-c.start >= headSize {
		h := parseHead(c.in[c.start:])
		if h.length > frameSize {
			c.end(frameSizeError)
			return
		}
		behind := c.start + headSize + h.length
		if behind > c.tail {
			break
		}
		payload := c.in[c.start+headSize : behind]
		c.start = behind
		if err := c.frame(h, payload); err != nil {
			c.end(err)
			return
		}
		c.makeRoom()
	}
	c.makeSpace()
	c.expect()
}

// cutPreface takes what every client says first (RFC 9113, 3.4). It is false as long as that has not come.
func (c *conn) cutPreface() bool {
	if c.prefaced {
		return true
	}
	n := min(c.tail, len(preface))
	switch {
	case !bytes.Equal(c.in[:n], []byte(preface[:n])):
		c.end(protocolError)
		return false
	case n < len(preface):
		return false
	}
	c.start, c.prefaced = n, true
	return true
}

// rooms are for what is read where that is much.
var rooms = sync.Pool{New: func() any { return new([largeRoom]byte) }}

// largeRoom has room for any frame.
const largeRoom = headSize + frameSize

// makeSpace has the rest of what was read at the beginning of its room, which is large enough for the frame.
func (c *conn) makeSpace() {
	rest := c.in[c.start:c.tail]
	if len(rest) >= headSize {
		if need := headSize + parseHead(rest).length; need > len(c.in) {
			large := rooms.Get().(*[largeRoom]byte)
			c.start, c.tail, c.in = 0, copy(large[:], rest), large[:]
			return
		}
	}
	c.start, c.tail = 0, copy(c.in, rest)
}

// expect notes until when what has begun to arrive has to be there: the rest of a header, and of anything while there is no
// stream. What an upload takes is for others to say.
func (c *conn) expect() {
	rest := c.in[:c.tail]
	begun := !c.greeted || c.header.open() || len(rest) > 0 && (len(c.streams) == 0 || len(rest) < headSize || parseHead(rest).kind != frameData)
	switch {
	case !begun:
		c.late = time.Time{}
	case c.late.IsZero():
		c.late = time.Now().Add(c.server.config.HeaderTime)
	}
}

// frame takes one frame. An error ends the connection.
func (c *conn) frame(h head, payload []byte) error {
	switch {
	case !c.greeted && (h.kind != frameSettings || h.has(flagAck)):
		return protocolError // RFC 9113, 3.4
	case c.header.open() && (h.kind != frameContinuation || h.id != c.header.id):
		return protocolError // RFC 9113, 4.3
	}
	switch h.kind {
	case frameHeaders:
		return c.headers(h, payload)
	case frameContinuation:
		return c.continuation(h, payload)
	case frameData:
		return c.data(h, payload)
	case frameReset:
		return c.takenBack(h, payload)
	case frameWindow:
		return c.widen(h, payload)
	case frameSettings:
		return c.settings(h, payload)
	case framePing:
		return c.ping(h, payload)
	case framePriority:
		return c.priority(h, payload)
	case frameGoAway:
		return c.goAway(h, payload)
	case framePush:
		return protocolError // RFC 9113, 8.4: clients promise nothing
	}
	return c.idles() // RFC 9113, 5.5: unknown ones are passed over
}

// idles counts a frame that brings nothing.
func (c *conn) idles() error {
	if !c.idle.take(idleAtOnce, idlePerSecond) {
		return enhanceYourCalm
	}
	return nil
}
