// Package geodns is the nameserver: how questions come in and answers go out.
package geodns

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/geodns/mmsg"
	"tinycdn/geodns/querylog"
	"tinycdn/geodns/rrl"
	"tinycdn/geoip"
	"tinycdn/geoip/inet"
)

// Answerer is what answers queries. One goroutine uses it at a time.
type Answerer interface {
	// Respond writes the reply to query into reply[:0] and returns it; an empty one means silence. It keeps neither.
	Respond(reply, query []byte, client geoip.Block, tcp bool) []byte
	// RespondAll writes the replies to packets that came together over UDP.
	RespondAll(packets []mmsg.Packet)
}

// Server answers on the sockets that it has bound.
type Server struct {
	config      Config
	log         *slog.Logger
	newAnswerer func(*Loop) Answerer

	mu        sync.Mutex // held by who binds, and who looks
	listeners []*listener
	serving   func(*listener) // starts the work of one; nil: the server does not serve
	naming    bool            // queries are counted by name
	unbound   inet.Unbound
	receiving failing
	leaving   atomic.Bool

	workers workers
	shared  []*Loop      // those of the workers; settled before anybody looks
	clients *clientTable // over TCP

	queries   *querylog.Log // nil: none is written down
	cookies   *cookies
	meter     rrl.Meter // of all queries over UDP
	offenders offenders // against the limit of UDP
	budget    budget    // memory that TCP clients make us keep between two reads
}

// listener is one address that is answered on.
type listener struct {
	tcp    *net.TCPListener
	udp    []mmsg.Conn
	loops  []*Loop // one for each of udp
	served bool
}

func (l *listener) addr() netip.AddrPort { return l.tcp.Addr().(*net.TCPAddr).AddrPort() }

func (l *listener) close() {
	for _, conn := range l.udp {
		conn.Close()
	}
	l.tcp.Close()
}

// stopGrace is how long TCP clients that are being answered may keep Serve from returning.
const stopGrace = time.Second

// Listen binds the addresses of config, at least one. From then on queries wait in the kernel for Serve. Addresses that are not
// there yet are bound all the same, those that are taken are tried again while the server serves.
func Listen(config Config, newAnswerer func(*Loop) Answerer, log *slog.Logger) (*Server, error) {
	config = config.withDefaults()
	s := &Server{
		config: config, log: log, newAnswerer: newAnswerer, clients: newClientTable(config.MaxClients, config.MaxPerAddress),
		budget: budget{limit: maxBuffered}, offenders: newOffenders(),
	}
	s.cookies, s.queries = s.newCookies(), s.newQueryLog()
	s.workers = newWorkers(func() *Loop {
		s.shared = append(s.shared, s.newLoop(nil, 0))
		return s.shared[len(s.shared)-1]
	})
	if err := s.bind(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Addrs gives the addresses bound, each for UDP and TCP.
func (s *Server) Addrs() (addrs []netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.listeners {
		addrs = append(addrs, l.addr())
	}
	return addrs
}

// AllBound is closed when no address is left that could not be bound yet.
func (s *Server) AllBound() <-chan struct{} { return s.unbound.None() }

// FailingSince says since when questions cannot be received over UDP, on some socket; zero: they can.
func (s *Server) FailingSince() time.Time { return s.receiving.since(time.Now()) }

// Serve answers until ctx ends, and what has been read by then is still answered. It returns when all its work has
// stopped and its sockets are closed. No failure of a socket ends it: what fails now works later.
func (s *Server) Serve(ctx context.Context) {
	endLog := s.startLog(ctx)
	defer endLog()
	var work sync.WaitGroup
	s.mu.Lock()
	s.serving = func(l *listener) {
		for i, conn := range l.udp {
			work.Go(func() { s.serveUDP(conn, l.loops[i]) })
		}
		work.Go(func() { s.serveTCP(l.tcp, &work) })
	}
	s.serveNew()
	s.mu.Unlock()
	work.Go(func() { s.offenders.log(s.log) })
	s.unbound.Retry(ctx)
	<-ctx.Done()

	grace := s.endListening()
	farewell := time.AfterFunc(grace, s.clients.stop)
	s.offenders.stop()
	deadline := time.AfterFunc(grace+stopGrace, s.clients.closeAll)
	work.Wait()
	farewell.Stop()
	deadline.Stop()
	s.Close()
}

// serveNew begins to serve what was bound since the last time. The caller holds mu.
func (s *Server) serveNew() {
	for _, l := range s.listeners {
		if !l.served {
			l.served = true
			s.serving(l)
		}
	}
}

// Close gives up the sockets of a Server that does not Serve.
func (s *Server) Close() {
	for _, l := range s.listeners {
		l.close()
	}
}
