package geodns

import (
	"container/list"
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
	"time"

	"tinycdn/geodns/wire"
	"tinycdn/geoip"
)

// A stream is a TCP connection. Many queries may come in one read; their answers leave in one write, in their order
// (RFC 7766, 6.2.1.1).
type stream struct {
	server    *Server
	conn      *net.TCPConn
	raw       syscall.RawConn
	client    geoip.Block
	household netip.Addr
	place     *list.Element // among clients, and under their mutex

	unread   []byte    // what has been read and not answered: the beginning of a query, or all that waits for unsent
	unsent   []byte    // the answers that the client has not accepted
	begun    bool      // a query has begun, and must be complete by the deadline
	counted  time.Time // when clients last heard that this one asked
	finished bool      // no more is to be answered: the client closed its half, sent no DNS or took too much room
}

func newStream(s *Server, conn *net.TCPConn) (*stream, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	peer := conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap().WithZone("")
	return &stream{server: s, conn: conn, raw: raw, client: geoip.BlockOfAddr(peer), household: household(peer)}, nil
}

// serve answers the client until it leaves, breaks a limit, or the server stops.
func (c *stream) serve() {
	defer c.leave()
	c.conn.SetReadDeadline(time.Now().Add(c.server.config.IdleTime))
	turn := c.turn // one method value, not one for each Read
	for !c.finished && !c.server.clients.stopped.Load() {
		if c.raw.Read(turn) != nil { // closed, or its time is over
			return
		}
		if !c.flush() {
			reset(c.conn)
			return
		}
	}
}

// turn reads once, and answers. It reports false where there is nothing to read yet: raw.Read then waits, and
// turn's worker serves others.
func (c *stream) turn(fd uintptr) bool {
	worker := <-c.server.workers
	defer func() { c.server.workers <- worker }()

	n := copy(worker.in[:], c.unread)
	if _, waiting := firstQuery(c.unread); !waiting {
		size, err := read(int(fd), worker.in[n:])
		if err == syscall.EAGAIN {
			return false
		}
		if err != nil || size == 0 {
			c.finished = true
			return true
		}
		n += size
	}
	fresh := c.count(worker.in[:n]) // before an answer leaves: who was answered first is then the idlest
	rest := c.answer(worker, int(fd), worker.in[:n])
	c.hold(&c.unread, rest)
	c.schedule(fresh, len(rest) < n)
	return true
}

// count tells the list of clients that this one asks, if data holds a query and the list has not heard for a while.
func (c *stream) count(data []byte) (fresh bool) {
	if _, whole := firstQuery(data); !whole {
		return false
	}
	now := time.Now()
	if now.Sub(c.counted) < c.server.config.idleGrain() {
		return false
	}
	c.counted = now
	c.server.clients.asked(c)
	return true
}

// answer answers the queries in data, and returns what is left of it.
func (c *stream) answer(worker *worker, fd int, data []byte) []byte {
	out := worker.out
	for !c.finished && len(c.unsent) == 0 {
		query, whole := firstQuery(data)
		if !whole {
			break
		}
		if len(query) < wire.HeaderLen {
			c.finished = true
			break
		}
		data = data[2+len(query):]
		if out = appendAnswer(out, worker.answer, query, c.client); len(out) >= flushSize {
			c.write(fd, out)
			out = out[:0]
		}
	}
	c.write(fd, out)
	return data
}

// firstQuery gives the message that data begins with, if it is there as a whole.
func firstQuery(data []byte) (query []byte, whole bool) {
	if len(data) < 2 {
		return nil, false
	}
	end := 2 + int(binary.BigEndian.Uint16(data))
	if len(data) < end {
		return nil, false
	}
	return data[2:end], true
}

func appendAnswer(out []byte, answer Answerer, query []byte, client geoip.Block) []byte {
	start := len(out) + 2
	reply := answer(out[start:start], query, client, true)
	if len(reply) == 0 || len(reply) > wire.MaxTCP {
		return out
	}
	out = binary.BigEndian.AppendUint16(out, uint16(len(reply)))
	return append(out, reply...) // where it already stands, unless answer needed more room
}

// write sends what the client accepts at once, and holds the rest for flush: a worker is not for waiting.
func (c *stream) write(fd int, out []byte) {
	if len(out) == 0 {
		return
	}
	n, err := write(fd, out)
	if err != nil && err != syscall.EAGAIN {
		c.finished = true
		return
	}
	c.hold(&c.unsent, out[max(n, 0):])
}

// flush waits until the client has accepted what is unsent. It reports false if that takes too long.
func (c *stream) flush() bool {
	if len(c.unsent) == 0 {
		return true
	}
	c.conn.SetWriteDeadline(time.Now().Add(c.server.config.WriteTime))
	_, err := c.conn.Write(c.unsent)
	c.hold(&c.unsent, nil)
	return err == nil
}

// hold keeps a copy of data in held until the next turn, at the expense of the octets that all clients share: those that
// the copy takes, not those that are in use. Where they are used up, a client may still hold what it takes to begin a
// query: who uses them up cannot harm the others.
func (c *stream) hold(held *[]byte, data []byte) {
	kept := append(roomFor(*held, data), data...)
	more := cap(kept) - cap(*held)
	if !c.server.held.change(more) && more > 0 && len(data) > freeHeld {
		c.finished = true
		c.server.held.change(-cap(kept))
		kept = nil
	}
	*held = kept
}

// roomFor gives the room of held for data, or none where it is too little, or far too much: a client whose messages were
// long once must not keep their room for short ones.
func roomFor(held, data []byte) []byte {
	if len(data) == 0 || len(data) > cap(held) || cap(held) > 2*len(data)+spareHeld {
		return nil
	}
	return held[:0]
}

// schedule sets when the client must have sent more: the rest of a query that it began, or another.
func (c *stream) schedule(fresh, asked bool) {
	_, waiting := firstQuery(c.unread)
	beginning := len(c.unread) > 0 && !waiting
	switch {
	case beginning && (asked || !c.begun):
		c.conn.SetReadDeadline(time.Now().Add(c.server.config.QueryTime))
	case !beginning && (fresh || c.begun):
		c.conn.SetReadDeadline(time.Now().Add(c.server.config.IdleTime))
	}
	c.begun = beginning
}

func (c *stream) leave() {
	c.server.clients.remove(c)
	c.hold(&c.unread, nil)
	c.hold(&c.unsent, nil)
	c.conn.Close()
}

// reset closes conn and leaves the kernel nothing to send.
func reset(conn *net.TCPConn) {
	conn.SetLinger(0)
	conn.Close()
}

func read(fd int, p []byte) (n int, err error) {
	for {
		if n, err = syscall.Read(fd, p); err != syscall.EINTR {
			return n, err
		}
	}
}

func write(fd int, p []byte) (n int, err error) {
	for {
		if n, err = syscall.Write(fd, p); err != syscall.EINTR {
			return n, err
		}
	}
}
