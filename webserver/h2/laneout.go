package h2

import (
	"encoding/binary"
	"net"
	"time"
)

// Write takes what net/http says, frame by frame.
func (l *lane) Write(p []byte) (int, error) {
	c := l.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	for rest := p; len(rest) > 0; {
		c.makeRoom()
		if c.over != nil {
			return 0, net.ErrClosed
		}
		if len(l.frame) == 0 && len(rest) >= headSize { // nearly always: frames come whole
			if h := parseHead(rest); len(rest) >= headSize+h.length {
				l.take(h, rest[headSize:headSize+h.length])
				rest = rest[headSize+h.length:]
				continue
			}
		}
		want := headSize
		if len(l.frame) >= headSize {
			want += parseHead(l.frame).length
		}
		n := min(want-len(l.frame), len(rest))
		l.frame = append(l.frame, rest[:n]...)
		rest = rest[n:]
		if len(l.frame) >= headSize {
			if h := parseHead(l.frame); len(l.frame) == headSize+h.length {
				l.take(h, l.frame[headSize:])
				l.frame = l.frame[:0]
			}
		}
	}
	if !c.sending && !c.soon && c.over == nil {
		c.soon = true
		c.work.Go(c.flushSoon)
	}
	return len(p), nil
}

// flushSoon sends what net/http has written, and what it writes until this has its turn: it says little at a time.
func (c *conn) flushSoon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.soon = false
	c.flush(true)
	c.settle()
}

// take takes a frame of net/http.
func (l *lane) take(h head, payload []byte) {
	c := l.conn
	switch h.kind {
	case frameSettings, framePing:
		return // ours to say
	case frameGoAway:
		if why := fault(binary.BigEndian.Uint32(payload[4:])); why != noError {
			c.end(why)
		}
		return
	case frameWindow:
		c.putHead(h)
		c.put(payload)
		return
	case frameHeaders, frameContinuation:
		l.block = append(h.appendTo(l.block), payload...)
		if !h.has(flagEndHeaders) {
			return
		}
		l.takeHeader(h.id)
		l.block = l.block[:0]
		return
	}
	s := c.find(h.id)
	switch {
	case h.kind == frameData && (s == nil || s.page != nil):
		l.pays(h.length) // the client wants it no more
	case s == nil || s.page != nil:
	case h.kind == frameReset:
		l.takeReset(s, h, payload)
	case h.kind == frameData:
		s.answered = s.answered || h.has(flagEndStream)
		c.sendOrWait(s, frame{h, payload})
	}
	if s != nil && s.isOver() {
		c.remove(s)
	}
}

// takeHeader takes a header that is complete, with all of its frames.
func (l *lane) takeHeader(id uint32) {
	c := l.conn
	s := c.find(id)
	if s == nil || s.page != nil {
		return
	}
	h := parseHead(l.block) // END_STREAM is a flag of the first frame
	s.answered = s.answered || h.has(flagEndStream)
	for b := l.block; len(b) > 0; {
		h := parseHead(b)
		c.sendOrWait(s, frame{h, b[headSize : headSize+h.length]})
		b = b[headSize+h.length:]
	}
	if s.isOver() {
		c.remove(s)
	}
}

// takeReset has a stream be broken off: at once, or if its answer is complete (RFC 9113, 8.1), behind that.
func (l *lane) takeReset(s *stream, h head, payload []byte) {
	c := l.conn
	if fault(binary.BigEndian.Uint32(payload)) != noError {
		s.answered = true
		c.put(appendReset(nil, s.id, fault(binary.BigEndian.Uint32(payload))))
		c.remove(s)
		return
	}
	s.answered, s.heard = true, true
	c.sendOrWait(s, frame{h, payload})
}

// sendOrWait sends a frame of the lane now, or behind those that wait.
func (c *conn) sendOrWait(s *stream, f frame) {
	if len(s.waiting) == 0 {
		if f = c.sendOf(s, f, f.length); f.kind == frameSent {
			return
		}
		s.due = time.Now().Add(c.server.config.Progress)
	}
	f.payload = append([]byte(nil), f.payload...)
	s.waiting = append(s.waiting, f)
}

// frameSent is the kind of a frame of which nothing is left.
const frameSent = 0xff

// sendOf sends as much of a frame of the lane as the windows and a number of octets allow, and gives what is left of it.
func (c *conn) sendOf(s *stream, f frame, most int) (left frame) {
	if f.kind != frameData {
		c.putHead(f.head)
		c.put(f.payload)
		return frame{head: head{kind: frameSent}}
	}
	n := int(max(0, min(int64(f.length), s.window, c.window, int64(most))))
	if n == 0 && f.length > 0 {
		return f
	}
	s.window -= int64(n)
	c.window -= int64(n)
	h := f.head
	if h.length = n; n < f.length {
		h.flags &^= flagEndStream
	}
	c.putHead(h)
	c.put(f.payload[:n])
	c.lane.pays(n)
	if n == f.length {
		return frame{head: head{kind: frameSent}}
	}
	f.length, f.payload = f.length-n, f.payload[n:]
	return f
}

// advanceLane sends as much as is the turn of a stream of the lane.
func (c *conn) advanceLane(s *stream) (moved bool) {
	for turn := frameSize; turn > 0 && len(s.waiting) > 0; {
		before := s.waiting[0]
		left := c.sendOf(s, before, turn)
		if left.kind != frameSent && left.length == before.length {
			break
		}
		moved = true
		if left.kind != frameSent {
			turn -= before.length - left.length
			s.waiting[0] = left
			continue
		}
		turn -= max(before.length, 1)
		s.waiting = s.waiting[1:]
	}
	switch {
	case len(s.waiting) == 0:
		s.waiting, s.due = nil, time.Time{}
	case moved:
		s.due = time.Now().Add(c.server.config.Progress)
	}
	return moved
}
