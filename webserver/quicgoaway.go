package webserver

import (
	_ "unsafe" // for go:linkname

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/quic-go/quicvarint"
)

// newRawServerConn is http3.Server.NewRawServerConn, and gives the control stream, too, which that keeps to itself: who accepts the
// streams of a connection has no other way to say GOAWAY. TestStopSaysGoAway reads one, so a version of quic-go in which this is
// something else does not pass.
//
//go:linkname newRawServerConn github.com/quic-go/quic-go/http3.(*Server).newRawServerConn
func newRawServerConn(*http3.Server, *quic.Conn) (*http3.RawServerConn, *quic.SendStream, error)

// goAway tells a client that its requests from a stream on are not answered here (RFC 9114, 5.2). It does not wait: a client that has no
// room for three octets learns it from each request.
func goAway(control *quic.SendStream, from quic.StreamID) {
	const frame = 0x07 // RFC 9114, 7.2.6
	id := quicvarint.Append(nil, uint64(from))
	control.TryWriteAll(append([]byte{frame, byte(len(id))}, id...))
}
