package h2

import (
	"slices"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// stream is a request that is not over: one whose page waits for the client's windows, or one of the lane below.
type stream struct {
	id     uint32
	window int64     // for what we send
	due    time.Time // when the client must have taken more; zero: nothing waits for him

	page *answer // what is left of a page; nil: it is the lane's

	waiting  []frame // of the lane, which the windows hold up
	heard    bool    // the client has said all
	answered bool    // the lane has
}

// frame is one that waits.
type frame struct {
	head
	payload []byte
}

// answer is a page on its way, with what there is to tell of it at the end.
type answer struct {
	request page.Request
	reply   reply.Reply
	parts   [][]byte // what is still to be sent
	left    int      // octets of them
	counted bool     // the client has a place for it
	fits    bool     // it was to fit into the connection's window
}

func (c *conn) find(id uint32) *stream {
	for _, s := range c.streams {
		if s.id == id {
			return s
		}
	}
	return nil
}

// isOver says that nothing more is to come, from neither side.
func (s *stream) isOver() bool {
	if s.page != nil {
		return s.page.left == 0
	}
	return s.answered && s.heard && len(s.waiting) == 0
}

// remove takes a stream out of the books.
func (c *conn) remove(s *stream) {
	at := slices.Index(c.streams, s)
	if at < 0 {
		return
	}
	c.streams = slices.Delete(c.streams, at, at+1)
	if c.turn > at {
		c.turn--
	}
	c.finish(s)
}

// finish is for a stream of which nothing more will be sent.
func (c *conn) finish(s *stream) {
	if s.page == nil {
		for _, f := range s.waiting {
			c.lane.paid(f)
		}
		s.waiting = nil
		return
	}
	p := s.page
	p.reply.Sent = int64(p.reply.Length() - p.left)
	c.server.config.Observe(&p.request, &p.reply)
	if p.reply.Done != nil {
		p.reply.Done()
	}
	if p.counted {
		c.server.config.Leave(c.base.Client)
	}
	if p.fits {
		c.owed -= p.left
	}
}

// reset breaks a stream off (RFC 9113, 5.4.2).
func (c *conn) reset(s *stream, why fault) {
	c.put(appendReset(nil, s.id, why))
	if s.page == nil && !s.answered {
		c.lane.pass(appendReset(nil, s.id, cancelled))
	}
	c.remove(s)
}

// advance sends as much of a stream as is its turn.
func (c *conn) advance(s *stream) (moved bool) {
	if s.page == nil {
		return c.advanceLane(s)
	}
	p := s.page
	n := int(min(int64(p.left), s.window, c.window, frameSize))
	if n <= 0 {
		return false
	}
	h := head{n, frameData, 0, s.id}
	if n == p.left {
		h.flags = flagEndStream
	}
	c.putHead(h)
	p.left -= n
	s.window -= int64(n)
	c.window -= int64(n)
	if p.fits {
		c.owed -= n
	}
	for n > 0 {
		k := min(n, len(p.parts[0]))
		c.put(p.parts[0][:k])
		if n -= k; k == len(p.parts[0]) {
			p.parts = p.parts[1:]
		} else {
			p.parts[0] = p.parts[0][k:]
		}
	}
	return true
}
