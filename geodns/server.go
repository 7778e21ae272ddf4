// Package geodns is the nameserver: how questions come in and answers go out.
package geodns

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"tinycdn/geodns/mmsg"
	"tinycdn/geoip"
)

// Config says where a Server listens, and what it allows its TCP clients. What is left zero has its default.
type Config struct {
	// Listen holds addresses with a port, such as "192.0.2.1:53" or "[2001:db8::1]:53", for UDP and TCP alike.
	// ":53" is every local address, IPv4 and IPv6; "0.0.0.0:53" and "[::]:53" are those of one family.
	Listen []string
	// Loops is how many sockets share the UDP packets of an address, each with a thread of its own: one for each
	// core by default. A loop that has work holds on to its processor, so the program should set GOMAXPROCS one
	// higher than there are cores; else TCP clients wait some 7 ms while UDP is at its limit.
	Loops int
	// MaxClients is how many TCP connections there may be; each takes one of the files that the process may have open. For
	// one more, the idlest is closed.
	MaxClients int
	// MaxPerAddress is how many of them one client may have: an IPv4 address or an IPv6 /64. More are refused.
	MaxPerAddress int
	// IdleTime is how long a TCP client may stay connected without asking.
	IdleTime time.Duration
	// QueryTime is how long a TCP client may take to send a query that it has begun.
	QueryTime time.Duration
	// WriteTime is how long a TCP client may take to accept the answers it asked for.
	WriteTime time.Duration
}

// withDefaults gives c with the defaults of what is left zero.
func (c Config) withDefaults() Config {
	set(&c.Loops, runtime.NumCPU())
	set(&c.MaxClients, 10_000)
	set(&c.MaxPerAddress, 250) // the machines of a large resolver share few addresses
	set(&c.IdleTime, 30*time.Second)
	set(&c.QueryTime, 5*time.Second)
	set(&c.WriteTime, 5*time.Second)
	return c
}

// idleGrain is how exactly IdleTime is kept, so that not every query must set a timer.
func (c Config) idleGrain() time.Duration { return min(c.IdleTime/8, time.Second) }

func set[T comparable](setting *T, value T) {
	var zero T
	if *setting == zero {
		*setting = value
	}
}

// Answerer writes the reply to query into reply[:0] and returns it; an empty one means silence. It keeps neither.
// One goroutine uses it at a time.
type Answerer func(reply, query []byte, client geoip.Block, tcp bool) []byte

// Server answers on the sockets that it has bound.
type Server struct {
	config Config
	log    *slog.Logger

	udp       []mmsg.Conn
	answerers []Answerer // one for each of udp
	tcp       []*net.TCPListener
	workers   workers
	clients   *clientTable // over TCP
	budget    budget       // memory that TCP clients make us keep between two reads
}

// stopGrace is how long TCP clients that are being answered may keep Serve from returning.
const stopGrace = time.Second

// Listen binds all addresses of config, or none. From then on queries wait in the kernel for Serve.
func Listen(config Config, newAnswerer func() Answerer, log *slog.Logger) (*Server, error) {
	config = config.withDefaults()
	s := &Server{config: config, log: log, clients: newClientTable(config.MaxClients, config.MaxPerAddress), budget: budget{limit: maxBuffered}}
	for _, listen := range config.Listen {
		if err := s.bind(listen); err != nil {
			s.Close()
			return nil, err
		}
	}
	for range s.udp {
		s.answerers = append(s.answerers, newAnswerer())
	}
	s.workers = newWorkers(newAnswerer)
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
			if err := s.serveUDP(conn, s.answerers[i]); err != nil {
				failed <- err
			}
		})
	}
	for _, l := range s.tcp {
		work.Go(func() { s.serveTCP(l, &work) })
	}

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
