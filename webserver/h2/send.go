package h2

import "sync"

// records are the rooms in which what is sent gathers until it is as much as a record of TLS may hold.
var records = sync.Pool{New: func() any { return new([frameSize]byte) }}

// put adds to what is sent next.
func (c *conn) put(b []byte) {
	for len(b) > 0 {
		if c.out == nil {
			c.out = records.Get().(*[frameSize]byte)[:0]
		}
		n := copy(c.out[len(c.out):cap(c.out)], b)
		c.out = c.out[:len(c.out)+n]
		if b = b[n:]; len(c.out) == cap(c.out) {
			c.seal()
		}
	}
}

// putHead is put for the beginning of a frame.
func (c *conn) putHead(h head) {
	var room [headSize]byte
	c.put(h.appendTo(room[:0]))
}

// seal makes records of what was put, which gather on the wire.
func (c *conn) seal() {
	if len(c.out) > 0 {
		c.tls.Write(c.out) // it only fails once the connection is closed, which its reader sees
	}
	if c.out != nil {
		records.Put((*[frameSize]byte)(c.out[:frameSize]))
		c.out = nil
	}
}

// flush sends what may be sent now, and lets go of the mutex while the socket takes its time. Only one sends: others leave him
// what they have. If soon, no more than a batch is waited for.
func (c *conn) flush(soon bool) {
	if c.sending {
		return
	}
	c.sending = true
	for c.over == nil {
		more := c.pump()
		c.seal()
		b := c.wire.take()
		if b == nil {
			break
		}
		c.mu.Unlock()
		err := c.wire.send(b)
		c.mu.Lock()
		if err != nil {
			c.end(err)
		}
		c.room.Broadcast()
		if soon && more && c.over == nil {
			c.work.Go(c.flushRest)
			return
		}
	}
	c.sending = false
	c.room.Broadcast()
}

// flushRest goes on where flush has left.
func (c *conn) flushRest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sending = false
	c.flush(false)
	c.settle()
}

// mostBehind is how much more than a batch there may be of what is not held up by windows: headers of a hundred answers have 40 KB.
const mostBehind = 64 << 10

// makeRoom waits until there is not much more to be sent than a batch.
func (c *conn) makeRoom() {
	for c.wire.full(mostBehind) && c.over == nil {
		if c.sending {
			c.room.Wait()
		} else {
			c.flush(true)
		}
	}
}

// pump has the streams send in turn as long as their windows and the batch have room, and says whether it is the batch that has not.
func (c *conn) pump() (more bool) {
	defer c.recovered()
	for still := 0; still < len(c.streams); {
		if c.wire.full(0) {
			return true
		}
		if c.turn >= len(c.streams) {
			c.turn = 0
		}
		s := c.streams[c.turn]
		moved := c.advance(s)
		if s.isOver() {
			c.remove(s)
			still = 0
			continue
		}
		c.turn++
		if still++; moved {
			still = 0
		}
	}
	return false
}
