// Package geodns is the nameserver: how questions come in and answers go out.
package geodns

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"tinycdn/geodns/mmsg"
	"tinycdn/geodns/rrl"
	"tinycdn/geoip"
)

// Answerer writes the reply to query into reply[:0] and returns it; an empty one means silence. It keeps neither.
// One goroutine uses it at a time.
type Answerer func(reply, query []byte, client geoip.Block, tcp bool) []byte

// Server answers on the sockets that it has bound.
type Server struct {
	config Config
	log    *slog.Logger

	udp     []mmsg.Conn
	loops   []*Loop // one for each of udp
	tcp     []*net.TCPListener
	workers workers
	clients *clientTable // over TCP

	cookies   *cookies
	meter     rrl.Meter // of all queries over UDP
	offenders offenders // against the limit of UDP
	budget    budget    // memory that TCP clients make us keep between two reads
}

// stopGrace is how long TCP clients that are being answered may keep Serve from returning.
const stopGrace = time.Second

// Listen binds all addresses of config, or none. From then on queries wait in the kernel for Serve.
func Listen(config Config, newAnswerer func(*Loop) Answerer, log *slog.Logger) (*Server, error) {
	config = config.withDefaults()
	s := &Server{config: config, log: log, clients: newClientTable(config.MaxClients, config.MaxPerAddress), budget: budget{limit: maxBuffered}, offenders: newOffenders()}
	var err error
	if s.cookies, err = config.cookies(); err != nil {
		return nil, err
	}
	for _, listen := range config.Listen {
		if err := s.bind(listen); err != nil {
			s.Close()
			return nil, err
		}
	}
	for _, conn := range s.udp {
		s.loops = append(s.loops, s.newLoop(newAnswerer, conn))
	}
	s.workers = newWorkers(func() *Loop { return s.newLoop(newAnswerer, nil) })
	return s, nil
}

// Addrs gives the addresses bound, each for UDP and TCP.
func (s *Server) Addrs() []netip.AddrPort {
	var addrs []netip.AddrPort
	for _, l := range s.tcp {
		addrs = append(addrs, l.Addr().(*net.TCPAddr).AddrPort())
	}
	return addrs
}

// Serve answers until ctx ends, and what has been read by then is still answered. It returns when all its work has
// stopped and its sockets are closed. An error is that of a socket that failed for good.
func (s *Server) Serve(ctx context.Context) error {
	var work sync.WaitGroup
	failed := make(chan error, len(s.udp))
	for i, conn := range s.udp {
		work.Go(func() {
			if err := s.serveUDP(conn, s.loops[i]); err != nil {
				failed <- err
			}
		})
	}
	for _, l := range s.tcp {
		work.Go(func() { s.serveTCP(l, &work) })
	}
	work.Go(func() { s.offenders.log(s.log) })

	var failure error
	select {
	case <-ctx.Done():
	case failure = <-failed:
	}

	for _, conn := range s.udp {
		conn.Stop()
	}
	for _, l := range s.tcp {
		l.Close()
	}
	s.clients.stop()
	s.offenders.stop()
	deadline := time.AfterFunc(stopGrace, s.clients.closeAll)
	work.Wait()
	deadline.Stop()
	s.Close()
	return failure
}

// Close gives up the sockets of a Server that does not Serve.
func (s *Server) Close() {
	for _, conn := range s.udp {
		conn.Close()
	}
	for _, l := range s.tcp {
		l.Close()
	}
}
