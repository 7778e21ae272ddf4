package webserver

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/accesslog"
	"tinycdn/webserver/certs"
	"tinycdn/webserver/conns"
	"tinycdn/webserver/metrics"
	"tinycdn/webserver/page"
	"tinycdn/webserver/upload"
	"tinycdn/webserver/visits"
)

const (
	// headerTime is how long a request's header may take to arrive.
	headerTime = 10 * time.Second
	// bodyTime is how long a body may take that nobody reads; one that passes to an origin may go on at its speed.
	bodyTime = 30 * time.Second
	// idleTime is how long a connection may wait for its next request.
	idleTime = 60 * time.Second
	// headerBytes is the most that a request line and header may have together (431 beyond).
	headerBytes = 16 << 10
	// stopTime is how long requests may take to end when the server stops. A page takes milliseconds; and container runtimes
	// kill after as long.
	stopTime = 10 * time.Second
)

// Server serves the pages of the sites that were last published.
type Server struct {
	config   Config
	log      *slog.Logger
	certs    *certs.Current
	conns    *conns.Table
	router   atomic.Pointer[router]
	packer   *page.Packer
	timings  *timings
	access   *accesslog.Log                 // nil: none
	visits   atomic.Pointer[visits.Counter] // nil: nobody counts
	counters metrics.All
	streams  quota
	unproven quota        // QUIC connections whose clients' addresses may be somebody else's
	awaited  quota        // streams over HTTP/3 whose header has not come
	grown    atomic.Int64 // by how many octets the windows of QUIC connections have
	uploads  upload.Room
	shared   atomic.Bool   // another process has the sockets too
	grace    time.Duration // stopTime; tests have more of it than a busy machine needs

	defaultHost                      *vhost // for hosts that are not served here
	badRequest, misdirected, missing *page.Page

	leaving context.Context // ends when nobody is waited for any more who has not sent his request yet
	leave   context.CancelFunc

	tlsPort   string // ":8443", or "" for 443
	plainPort string // likewise, of HTTP
	altSvc    string

	mu            sync.Mutex // held by who binds, and who looks
	plain, secure *side      // secure is nil: there will never be a certificate
	quic          []*quicListener
	waiting       []func() error     // what is bound, and served once there is
	serving       func(func() error) // Serve's way to serve it; nil: the server does not serve
	unbound       inet.Unbound
	tlsBegun      bool // what HTTPS needs is bound, or will be
	ended         bool // nothing is bound any more
}

// Listen binds the sockets. Addresses that are not there yet are bound all the same, those that are taken are tried again while
// the server serves. Where current is nil there will never be a certificate, and the server listens to HTTP alone. While
// certificates only may come, HTTPS is bound if that can be, so that the first needs nothing more: see ListenTLS.
func Listen(c Config, current *certs.Current, log *slog.Logger) *Server {
	s := &Server{
		config: c, log: log, certs: current, packer: page.NewPacker(log), timings: newTimings(c.POP), grace: stopTime,
		conns:      conns.New(conns.Config{Clients: c.Clients, PerAddress: c.PerAddress, Trusted: c.Trusted, Peer: c.Peers.from(), Log: log}),
		badRequest: page.Plain(http.StatusBadRequest), misdirected: page.Plain(http.StatusMisdirectedRequest),
		missing: page.Plain(http.StatusNotFound),
	}
	s.streams, s.unproven, s.awaited = newStreamQuota(), newUnprovenQuota(), newAwaitedQuota()
	s.leaving, s.leave = context.WithCancel(context.Background())
	s.plain = s.newSide(s, nil)
	if current != nil {
		s.secure = s.newSide(overTLS{s}, s.tlsConfig())
	}
	s.bind()
	s.defaultHost = s.prepare(VirtualHost{Name: "-"})
	s.router.Store(newRouter(s, nil))
	return s
}

// Publish makes these the sites that are served, all at once.
func (s *Server) Publish(sites []VirtualHost) { s.router.Store(newRouter(s, sites)) }

// Count has page views counted from now on; nil: no longer.
func (s *Server) Count(c *visits.Counter) { s.visits.Store(c) }

// OpenLog opens the access log, if there is to be one. It is a step of its own, so that the file is that of the user
// whom the process becomes once its sockets are bound. A log that cannot be written is missed, and nothing else;
// then it is false.
func (s *Server) OpenLog() bool {
	if s.config.AccessLog == nil || s.access != nil {
		return true
	}
	access, err := accesslog.Open(*s.config.AccessLog, s.log)
	if err != nil {
		s.log.Error(fmt.Sprintf("web.access_log.file: %v (does the folder exist, and may this user write there?)", err), "effect", "there is no access log")
		s.config.AccessLog = nil
		return false
	}
	s.access = access
	return true
}
