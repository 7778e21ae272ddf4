package h2

import "encoding/binary"

// ping is answered (RFC 9113, 6.7).
func (c *conn) ping(h head, payload []byte) error {
	switch {
	case h.length != 8:
		return frameSizeError
	case h.id != 0:
		return protocolError
	}
	if !h.has(flagAck) {
		c.putHead(head{8, framePing, flagAck, 0})
		c.put(payload)
	}
	return c.idles()
}

// priority is passed over (RFC 9113, 5.3.2): all streams have their turns.
func (c *conn) priority(h head, payload []byte) error {
	switch {
	case h.id == 0:
		return protocolError
	case h.length != 5:
		return frameSizeError
	case dependsOnItself(h.id, payload):
		c.refuse(h.id, protocolError)
	}
	return c.idles()
}

func dependsOnItself(id uint32, priority []byte) bool {
	return binary.BigEndian.Uint32(priority)&largestWindow == id
}

// isIdle says whether a stream was never begun (RFC 9113, 5.1). Of those that are passed over while the client has not read yet
// that he should ask elsewhere, nobody knows.
func (c *conn) isIdle(id uint32) bool { return id > c.last && !c.leaving }

// refuse breaks off a stream, be it in the books or not.
func (c *conn) refuse(id uint32, why fault) {
	if s := c.find(id); s != nil {
		c.reset(s, why)
		return
	}
	c.put(appendReset(nil, id, why))
}

// goAway is a client's word that he begins no more streams (RFC 9113, 6.8). Those that there are go on.
func (c *conn) goAway(h head, payload []byte) error {
	switch {
	case h.id != 0:
		return protocolError
	case h.length < 8:
		return frameSizeError
	}
	c.leave(noError)
	return c.idles()
}

// takenBack is RST_STREAM (RFC 9113, 6.4).
func (c *conn) takenBack(h head, payload []byte) error {
	switch {
	case h.length != 4:
		return frameSizeError
	case h.id == 0, c.isIdle(h.id):
		return protocolError
	case !c.resets.take(resetsAtOnce, resetsPerSecond):
		return enhanceYourCalm
	}
	if s := c.find(h.id); s != nil {
		if s.page == nil && !s.answered {
			c.lane.pass(h.appendTo(nil), payload)
		}
		c.remove(s)
	}
	return nil
}

// widen is WINDOW_UPDATE (RFC 9113, 6.9).
func (c *conn) widen(h head, payload []byte) error {
	if h.length != 4 {
		return frameSizeError
	}
	more := int64(binary.BigEndian.Uint32(payload) & largestWindow)
	if h.id == 0 {
		switch c.window += more; {
		case more == 0:
			return protocolError
		case c.window > largestWindow:
			return flowControlError
		}
		return nil
	}
	s := c.find(h.id)
	switch {
	case more == 0:
		c.refuse(h.id, protocolError)
		return c.idles()
	case c.isIdle(h.id):
		return protocolError
	case s == nil: // RFC 9113, 5.1: it may have been on its way
		return nil
	case s.window+more > largestWindow:
		c.reset(s, flowControlError)
		return nil
	}
	s.window += more
	if s.page == nil && !s.answered {
		c.lane.pass(h.appendTo(nil), payload)
	}
	return nil
}

// settings takes the client's settings, or his word that he has ours (RFC 9113, 6.5).
func (c *conn) settings(h head, payload []byte) error {
	switch {
	case h.has(flagAck) && h.length != 0:
		return frameSizeError
	case h.id != 0:
		return protocolError
	case h.length%6 != 0:
		return frameSizeError
	case h.has(flagAck) && c.acked:
		return protocolError // as net/http has it: nobody asked
	case h.has(flagAck):
		c.acked = true
		return nil
	case h.length > 6*mostSettings:
		return protocolError // as net/http has it
	}
	c.greeted = true
	for at := 0; at < len(payload); at += 6 {
		s := setting{binary.BigEndian.Uint16(payload[at:]), binary.BigEndian.Uint32(payload[at+2:])}
		if err := c.set(s); err != nil {
			return err
		}
	}
	c.putHead(head{0, frameSettings, flagAck, 0})
	return c.idles()
}

// mostSettings is how many a frame may have: the RFC knows six.
const mostSettings = 100

// set takes a setting. Most are of no concern: nothing is pushed, frames have the length that all take, and nothing is put into
// the table of the client's decoder.
func (c *conn) set(s setting) error {
	switch {
	case s.id == settingPush && s.value > 1, s.id == settingFrameSize && (s.value < frameSize || s.value > largestFrame):
		return protocolError
	case s.id != settingInitialWindow:
		return nil
	case s.value > largestWindow:
		return flowControlError
	}
	more := int64(s.value) - c.initial // RFC 9113, 6.9.2: windows may come to be less than nothing
	c.initial = int64(s.value)
	for _, one := range c.streams {
		if one.window += more; one.window > largestWindow {
			return flowControlError
		}
	}
	if c.lane != nil {
		c.lane.pass(appendSettings(nil, s))
	}
	return nil
}
