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

// Config says how a Server works. What is left zero is as Default has it. The comments of what has a key are the manual.
type Config struct {
	// addresses with ports, for UDP and TCP; `":53"` is every local address, IPv4 and IPv6, and `"0.0.0.0:53"` and
	// `"[::]:53"` are those of one family. Left out: `":53"`
	Listen []string `toml:"listen" restart:"true"`
	// the server's name in NSID, `id.server` and `hostname.bind`. Left out: the POP's name
	NSID string `toml:"nsid" restart:"true"`
	// the answer to `version.bind`; `""` hides it. Left out: tinycdn and its version
	Version string `toml:"version" restart:"true"`
	// TCP connections in all, as far as the limit on open files allows; for one more, the idlest is closed. Left out: 10000
	MaxClients int `toml:"clients" was:"tcp_clients" restart:"true"`
	// TCP connections from one IPv4 address or IPv6 /64; more are refused. Left out: 250
	MaxPerAddress int `toml:"clients_per_address" was:"tcp_per_address" restart:"true"`
	// how long a TCP client may be silent: `"30s"`. Left out: `"30s"`
	IdleTime time.Duration `toml:"tcp_idle" restart:"true"`

	// Loops is how many sockets share the UDP packets of an address, each with a thread of its own: one for each
	// core by default. A loop that has work holds on to its processor, so the program should set GOMAXPROCS one
	// higher than there are cores; else TCP clients wait some 7 ms while UDP is at its limit.
	Loops int
	// QueryTime is how long a TCP client may take to send a query that it has begun.
	QueryTime time.Duration
	// WriteTime is how long a TCP client may take to accept the answers it asked for.
	WriteTime time.Duration
}

// Default is a Config that says nothing else. Its server has no name of its own, and hides its version.
func Default() Config {
	return Config{
		Listen:        []string{":53"},
		MaxClients:    10_000,
		MaxPerAddress: 250, // the machines of a large resolver share few addresses
		IdleTime:      30 * time.Second,
		Loops:         runtime.NumCPU(),
		QueryTime:     5 * time.Second,
		WriteTime:     5 * time.Second,
	}
}

// withDefaults gives c with the defaults of what is left zero.
func (c Config) withDefaults() Config {
	d := Default()
	set(&c.Loops, d.Loops)
	set(&c.MaxClients, d.MaxClients)
	set(&c.MaxPerAddress, d.MaxPerAddress)
	set(&c.IdleTime, d.IdleTime)
	set(&c.QueryTime, d.QueryTime)
	set(&c.WriteTime, d.WriteTime)
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
