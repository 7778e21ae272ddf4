package h2

// data takes what a client sends on a stream (RFC 9113, 6.1). The lane judges what is its own.
func (c *conn) data(h head, payload []byte) error {
	if h.id == 0 || c.isIdle(h.id) {
		return protocolError
	}
	if _, ok := cutPadding(h, payload); !ok {
		return protocolError
	}
	s := c.find(h.id)
	if s != nil && s.page == nil && !s.answered {
		c.lane.pass(h.appendTo(nil), payload)
		s.heard = s.heard || h.has(flagEndStream)
		if h.length == 0 && !h.has(flagEndStream) {
			return c.idles()
		}
		return nil
	}
	if h.length > 0 { // it took room in the window of the connection
		c.put(appendWindow(nil, 0, h.length))
	}
	switch {
	case s != nil && s.page != nil:
		c.reset(s, streamClosed)
	case s == nil && h.id <= c.last:
		c.put(appendReset(nil, h.id, streamClosed))
	}
	return c.idles()
}
