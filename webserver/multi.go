package webserver

import (
	"context"
	"crypto/tls"
	"net/http"

	"tinycdn/webserver/h2"
	"tinycdn/webserver/upload"
)

// multi is what serves HTTP/2: a server for pages, and one for the streams that it leaves.
type multi struct {
	fast *h2.Server
	full *http.Server
}

func (s *Server) newMulti(handler http.Handler) *multi {
	full := s.newHTTPServer(handler, nil)
	full.Protocols = new(http.Protocols)
	full.Protocols.SetUnencryptedHTTP2(true) // its connections are in memory
	full.MaxHeaderBytes = headerBytes        // what is longer does not come here
	full.ConnState = nil                     // h2 tells of the connection over TLS
	full.IdleTimeout = forGood
	return &multi{full: full, fast: h2.NewServer(h2.Config{
		Respond: s.respond, Observe: s.observe, Enter: s.streams.enter, Leave: s.streams.leave, ConnState: s.conns.ConnState, LogPanic: s.logPanic,
		HeaderTime: headerTime, IdleTime: idleTime, Progress: progress, Stretch: stretch,
		HeaderBytes: headerBytes, Streams: mostStreamsIn, Window: upload.Window,
	})}
}

// forGood is longer than any connection lasts: those in memory end with the one that they are for.
const forGood = 1 << 62

// take takes a connection over which HTTP/2 is to be spoken, and says whether it was one.
func (m *multi) take(secure *tls.Conn) bool {
	if secure.ConnectionState().NegotiatedProtocol != "h2" {
		return false
	}
	m.fast.Take(secure)
	return true
}

// serve runs until stop.
func (m *multi) serve() error { return m.full.Serve(m.fast.Below()) }

// stop waits for what was begun, after leave, until ctx ends.
func (m *multi) stop(ctx context.Context) {
	m.fast.Stop(ctx)
	m.full.Close()
}
