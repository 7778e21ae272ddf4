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
	"tinycdn/geoip/inet"
)

// A stream is a TCP connection. Many queries may come in one read; their answers leave in one write, in their order
// (RFC 7766, 6.2.1.1).
type stream struct {
	server     *Server
	conn       *net.TCPConn
	raw        syscall.RawConn
	client     geoip.Block
	subscriber netip.Addr    // whose connections are counted together
	element    *list.Element // in the table of clients, under its mutex

	unanswered []byte    // has been read: the beginning of a query, or all that waits for unsent
	unsent     []byte    // answers that the client has not accepted
	incomplete bool      // unanswered is the beginning of a query, whose end must come by the deadline
	touched    time.Time // when the table of clients was last told that this one asks
	finished   bool      // no more is to be answered: the client closed its half, sent no DNS or took too much room
}

func newStream(s *Server, conn *net.TCPConn) (*stream, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	peer := inet.Plain(conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr())
	return &stream{server: s, conn: conn, raw: raw, client: geoip.BlockOfAddr(peer), subscriber: inet.Subscriber(peer)}, nil
}

// serve answers the client until it leaves, breaks a limit, or the server stops.
func (c *stream) serve() {
	defer c.close()
	c.conn.SetReadDeadline(time.Now().Add(c.server.idleTime()))
	onReadable := c.onReadable // one method value, not one for each Read
	for !c.finished && !c.server.clients.stopped.Load() {
		if c.raw.Read(onReadable) != nil { // closed, or its time is over
			return
		}
		if !c.flush() {
			reset(c.conn)
			return
		}
	}
}

// onReadable reads once, and answers. It reports false where there is nothing to read yet: raw.Read then waits until
// there is, and the worker serves others.
func (c *stream) onReadable(fd uintptr) bool {
	worker := <-c.server.workers
	defer func() { c.server.workers <- worker }()

	n := copy(worker.in[:], c.unanswered)
	if _, waiting := firstQuery(c.unanswered); !waiting {
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
	worker.loop.begin(1)
	begin := worker.loop.counts.start()
	if worker.loop.log != nil {
		worker.loop.log.Begin()
	}
	touched := c.touch(worker.in[:n]) // before an answer leaves: who was answered first is then the idlest
	rest, queries := c.answer(worker, int(fd), worker.in[:n])
	worker.loop.counts.end(begin, queries)
	c.buffer(&c.unanswered, rest)
	c.setReadDeadline(touched, len(rest) < n)
	return true
}

// touch tells the table of clients that this one asks, if data holds a query and the table was not told just now.
func (c *stream) touch(data []byte) bool {
	if _, whole := firstQuery(data); !whole {
		return false
	}
	now := time.Now()
	if now.Sub(c.touched) < c.server.config.idleGrain() {
		return false
	}
	c.touched = now
	c.server.clients.touch(c)
	return true
}

// answer answers the queries in data, and returns what is left of it, and how many these were.
func (c *stream) answer(worker *worker, fd int, data []byte) (rest []byte, queries int) {
	out, asked := worker.out, data // what is in out answers asked, as far as data does not begin with it
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
		queries++
		if out = appendAnswer(out, worker.loop.answer, query, c.client); len(out) >= flushSize {
			c.send(worker, fd, asked[:len(asked)-len(data)], out)
			out, asked = out[:0], data
		}
	}
	c.send(worker, fd, asked[:len(asked)-len(data)], out)
	return data, queries
}

// send writes the answers to what was asked, and then has both written down, if that is wanted.
func (c *stream) send(worker *worker, fd int, asked, out []byte) {
	c.write(fd, out)
	if worker.loop.log != nil {
		c.log(worker.loop, asked, out)
	}
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

// appendAnswer appends the answer to query, with its length before it (RFC 1035, 4.2.2), or nothing where it is silence.
func appendAnswer(out []byte, answer Answerer, query []byte, client geoip.Block) []byte {
	start := len(out) + 2
	reply := answer.Respond(out[start:start], query, client, true)
	if len(reply) == 0 || len(reply) > wire.MaxTCP {
		return out
	}
	out = binary.BigEndian.AppendUint16(out, uint16(len(reply)))
	return append(out, reply...) // where it already stands, unless answer needed more room
}

// write sends what the client accepts at once, and buffers the rest for flush: a worker never waits for a client.
func (c *stream) write(fd int, out []byte) {
	if len(out) == 0 {
		return
	}
	n, err := write(fd, out)
	if err != nil && err != syscall.EAGAIN {
		c.finished = true
		return
	}
	c.buffer(&c.unsent, out[max(n, 0):])
}

// flush waits until the client has accepted what is unsent. It reports false if that takes too long.
func (c *stream) flush() bool {
	if len(c.unsent) == 0 {
		return true
	}
	c.conn.SetWriteDeadline(time.Now().Add(c.server.config.WriteTime))
	_, err := c.conn.Write(c.unsent)
	c.buffer(&c.unsent, nil)
	return err == nil
}

// setReadDeadline sets when the client must have sent more: the rest of a query that it began, or another.
func (c *stream) setReadDeadline(touched, answered bool) {
	_, waiting := firstQuery(c.unanswered)
	incomplete := len(c.unanswered) > 0 && !waiting
	switch {
	case incomplete && (answered || !c.incomplete): // a query that just began
		c.conn.SetReadDeadline(time.Now().Add(c.server.config.QueryTime))
	case !incomplete && (touched || c.incomplete):
		c.conn.SetReadDeadline(time.Now().Add(c.server.idleTime()))
	}
	c.incomplete = incomplete
}

func (c *stream) close() {
	c.server.clients.remove(c)
	c.buffer(&c.unanswered, nil)
	c.buffer(&c.unsent, nil)
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
