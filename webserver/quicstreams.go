package webserver

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/h3"
	"tinycdn/webserver/page"
)

// farewell is how long a connection is kept when the server stops and all is answered: until then the end of an answer may be on
// its way, or be asked for again.
const farewell = time.Second

// newAwaitedQuota is for streams over HTTP/3 whose header has not come. Each holds some 13 KB, and what came of it out of order.
// Nearly all come in one packet; where many are lost, one connection waits for a hundred.
func newAwaitedQuota() quota {
	return quota{most: 1024, mostFrom: 128, from: map[netip.Addr]int{}}
}

// serveConn has the requests of a connection answered until it ends, or the server stops. http3 does not bound those whose header
// does not come, so the streams are ours to accept.
func (q *quicListener) serveConn(c *quicConn, conn *quic.Conn) {
	defer conn.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "")
	raw, control, err := newRawServerConn(q.server, conn)
	if err != nil {
		return // it has ended
	}
	c.peer.Named = page.NamedBy(conn.ConnectionState().TLS.ServerName, conn.LocalAddr())
	idle := newIdle(idleTime, func() { conn.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "idle") })
	defer idle.stop()
	go acceptUnidirectional(conn, raw)
	served := &servedConn{quicConn: c, listener: q, raw: raw, idle: idle}
	next := quic.StreamID(0) // the first that was not accepted
	for {
		stream, err := conn.AcceptStream(q.stopping)
		if err != nil {
			break
		}
		next = stream.StreamID() + 4
		idle.begin()
		served.requests.Add(1)
		q.crew.serve(begunStream{served, stream})
	}
	goAway(control, next)
	go rejectStreams(conn)
	served.requests.Wait()
	if next > 0 && conn.Context().Err() == nil {
		select {
		case <-conn.Context().Done():
		case <-time.After(farewell):
		}
	}
}

// servedConn is a connection whose requests are taken.
type servedConn struct {
	*quicConn
	listener *quicListener
	raw      *http3.RawServerConn
	idle     *idle
	requests sync.WaitGroup
}

// moment is how long what stands before the end of a stream may be late: packets may come in another order.
const moment = time.Millisecond

// serve has a request answered, if its header comes in time. A stream that has come as a whole waits for nothing, and is not counted
// with those that do: where many come at once, they would be too many. Last is used up if so said.
func (c *servedConn) serve(stream *quic.Stream, last *finalSize) (used bool) {
	defer c.requests.Done()
	defer c.idle.end()
	q, awaited := c.listener, &c.listener.site.awaited
	var x *h3.Exchange
	size, there := last.of(stream)
	if used = !there; there {
		stream.SetReadDeadline(time.Now().Add(moment))
		x, there = q.fast.ReadAll(stream, size)
	}
	stream.SetReadDeadline(time.Now().Add(headerTime))
	switch {
	case x != nil:
		if q.answer(c.quicConn, x, stream) {
			return used
		}
		awaited.reenter(c.client)
	case there:
		awaited.reenter(c.client)
	case !awaited.enter(c.client):
		reject(stream)
		return used
	default:
		if x = q.fast.Read(stream); x == nil {
			break
		}
		awaited.leave(c.client)
		if q.answer(c.quicConn, x, stream) {
			return used
		}
		awaited.reenter(c.client)
	}
	defer awaited.leave(c.client)
	c.raw.HandleRequestStream(stream)
	return used
}

// answer answers a plain request, and drops it; false: it is for http3, as it came.
func (q *quicListener) answer(c *quicConn, x *h3.Exchange, stream *quic.Stream) (answered bool) {
	defer x.Drop()
	q.begun(c)
	defer q.ended(c)
	client := inet.Of(c.conn.Load().RemoteAddr()) // it may have moved
	if !q.site.streams.enter(client) {
		return false // and http3 will say so
	}
	defer q.site.streams.leave(client)
	switch q.fast.Answer(x, stream, &c.peer, client) {
	case h3.Declined:
		return false
	case h3.Unread:
		stream.CancelRead(quic.StreamErrorCode(http3.ErrCodeNoError))
	case h3.Failed:
		stream.CancelRead(quic.StreamErrorCode(http3.ErrCodeRequestCanceled))
		stream.CancelWrite(quic.StreamErrorCode(http3.ErrCodeRequestCanceled))
	}
	return true
}

// acceptUnidirectional takes the streams that speak of the connection itself (RFC 9114, 6.2), until it ends.
func acceptUnidirectional(conn *quic.Conn, raw *http3.RawServerConn) {
	for {
		stream, err := conn.AcceptUniStream(context.Background())
		if err != nil {
			return
		}
		go raw.HandleUnidirectionalStream(stream)
	}
}

// rejectStreams rejects all further requests until the connection ends.
func rejectStreams(conn *quic.Conn) {
	for {
		stream, err := conn.AcceptStream(context.Background())
		if err != nil {
			return
		}
		reject(stream)
	}
}

// reject lets a client know that it may ask again elsewhere (RFC 9114, 4.1.1).
func reject(stream *quic.Stream) {
	stream.ReleaseStreamCredit()
	stream.CancelRead(quic.StreamErrorCode(http3.ErrCodeRequestRejected))
	stream.CancelWrite(quic.StreamErrorCode(http3.ErrCodeRequestRejected))
}
