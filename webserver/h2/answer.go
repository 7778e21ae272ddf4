package h2

import (
	"net/http"
	"time"

	"tinycdn/webserver/reply"
)

// answer answers the request that was read with a page that is ready; false: there is none, and nothing was said.
func (c *conn) answer(id uint32) bool {
	config, r := &c.server.config, &c.reply
	config.Respond(&c.request.Request, r)
	length := r.Length()
	fits := int64(length) <= min(c.initial, c.window-int64(c.owed))
	if r.Page == nil || r.Stream != nil || !fits && !config.Enter(c.base.Client) {
		if r.Done != nil {
			r.Done()
		}
		return false
	}
	c.putReply(id, r, length == 0)
	if fits && length <= atOnce && len(c.streams) == 0 && !c.sending && !c.wire.full(0) {
		c.sendAll(id, r, length)
		return true
	}
	s := &stream{id: id, window: c.initial, heard: true}
	s.page = &answer{request: c.request.Request, reply: *r, left: length, counted: !fits, fits: fits}
	for _, part := range append([][]byte{r.Body}, r.Parts...) {
		if len(part) > 0 {
			s.page.parts = append(s.page.parts, part)
		}
	}
	if length == 0 {
		c.finish(s)
		return true
	}
	if fits {
		c.owed += length
	}
	// RFC 9113 has no bound for a window that stays shut while the connection is well; over HTTP/1 conns sees that.
	s.due = r.Begin.Add(time.Duration(1+length/config.Stretch) * config.Progress)
	c.streams = append(c.streams, s)
	return true
}

// atOnce is the longest body that is sent without a turn: a longer one could have the reader wait for the socket, and hear nothing.
const atOnce = 64 << 10

// putReply sends the header.
func (c *conn) putReply(id uint32, r *reply.Reply, all bool) {
	var room [5]byte
	status, date := statusBlock(r.Status, &room), c.server.clock.date(r.Begin)
	site, outcome, timing, page := r.Heads.Site.Block(pack), r.Heads.Outcome.Block(pack), r.Heads.Timing.Block(pack), r.Heads.Page.Block(pack)
	h := head{len(status) + len(date) + len(site) + len(outcome) + len(timing) + len(page), frameHeaders, flagEndHeaders, id}
	if all {
		h.flags |= flagEndStream
	}
	c.putHead(h)
	c.put(status)
	c.put(date)
	c.put(site)
	c.put(outcome)
	c.put(timing)
	c.put(page)
}

// sendAll sends a body for which all windows have room, and which nobody is in front of.
func (c *conn) sendAll(id uint32, r *reply.Reply, length int) {
	c.window -= int64(length)
	left := length
	send := func(part []byte) {
		for len(part) > 0 {
			n := min(len(part), frameSize)
			h := head{n, frameData, 0, id}
			if left -= n; left == 0 {
				h.flags = flagEndStream
			}
			c.putHead(h)
			c.put(part[:n])
			part = part[n:]
		}
	}
	send(r.Body)
	for _, part := range r.Parts {
		send(part)
	}
	r.Sent = int64(length)
	c.server.config.Observe(&c.request.Request, r)
	if r.Done != nil {
		r.Done()
	}
}

// answerTooLarge is for a header that is longer than it may be. It has no body, for which the client might not open a window.
func (c *conn) answerTooLarge(id uint32) {
	var room [5]byte
	block := append(statusBlock(http.StatusRequestHeaderFieldsTooLarge, &room), c.server.clock.date(time.Now())...)
	c.putHead(head{len(block), frameHeaders, flagEndHeaders | flagEndStream, id})
	c.put(block)
	if !c.header.last {
		c.put(appendReset(nil, id, noError)) // RFC 9113, 8.1: nothing more is wanted
	}
}
