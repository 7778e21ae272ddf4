// Package origin serves the pages of an application, from a shared cache in front of it.
package origin

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/webserver/page"
)

// Config says which application a site is.
type Config struct {
	Name   string       // of the site, for Via and for whoever reads logs
	URL    *url.URL     // where the application is; a path in it comes before every path
	Socket string       // the unix socket where it is; "": it is at the host and port of URL
	Host   string       // the Host that the application is told; "": the visitor's, in lower case and without a port
	Memory int64        // how many bytes all that is kept and all that is being read to be kept may take
	POP    string       // our name, in Via; "": it has none
	Log    *slog.Logger // is told of mistakes of ours; nil: the default one

	Connections Connections // that may be open to the application, shared with all sites that are given the same; nil: some
}

// Site is an application behind a shared cache. It implements webserver.Site.
type Site struct {
	config    Config
	via       string
	prefix    string // of every path at the application: "" or "/app"
	store     *store
	transport *http.Transport
	proxy     *httputil.ReverseProxy

	alive   context.Context // ends with Close
	kill    context.CancelFunc
	running sync.WaitGroup // fetches that nobody may be waiting for

	mu      sync.Mutex
	flights map[flightKey]*flight // under way; by mu

	room    atomic.Int64 // bytes that responses being read may still take
	inUse   inUse
	health  health
	spoiled spoiled
	ports   ports
}

// What is waited for.
const (
	dialTime   = 5 * time.Second
	headerTime = 30 * time.Second // until an application answers
	bodyTime   = 30 * time.Second // until all of a response to be kept is there
	// streamTime is the same where its length is not known: it may be one that is made bit by bit, for a visitor to see.
	streamTime = time.Second
	// patience is how long a visitor waits if there is a stale page that would do.
	patience = 3 * time.Second
)

// New makes a site. Its cache is empty.
func New(c Config) *Site {
	s := &Site{config: c, flights: map[flightKey]*flight{}}
	if path := strings.Trim(c.URL.EscapedPath(), "/"); path != "" {
		s.prefix = "/" + path
	}
	s.via = "1.1 tinycdn"
	if c.POP != "" {
		s.via += "-" + c.POP
	}
	s.via += " (" + c.Name + ")" // one site may be the origin of another
	// A quarter is for what is being read, and one for what visitors are taking, so that all stay within Memory.
	s.room.Store(c.Memory / 4)
	s.inUse.left = c.Memory / 4
	s.store = newStore(c.Memory - c.Memory/4 - c.Memory/4)
	s.alive, s.kill = context.WithCancel(context.Background())
	if s.config.Connections == nil {
		s.config.Connections = make(Connections, defaultConnections)
	}
	s.transport = newTransport(s.config.Connections, s.config.Socket)
	s.proxy = s.newProxy()
	return s
}

// Renewed is a site for the same application whose cache is empty, for one that was closed.
func (s *Site) Renewed() *Site { return New(s.config) }

// Close ends what is under way. What passes through ends with its visitors.
func (s *Site) Close() {
	s.mu.Lock()
	s.kill() // from here on no flight begins
	s.mu.Unlock()
	s.running.Wait()
	s.transport.CloseIdleConnections()
	s.store.close()
}

// Forwards says that requests reach the application as they were written.
func (s *Site) Forwards() {}

// Error is nil: the application has its own pages for errors.
func (s *Site) Error(int) *page.Page { return nil }

// failed is what a visitor gets if the application cannot be reached and there is nothing to serve instead.
func failed(status int) page.Answer {
	return page.Answer{Page: failures[status], Cache: page.Outcome{Status: "fwd=uri-miss", Result: page.Miss}}
}

var failures = map[int]*page.Page{
	http.StatusBadGateway:         page.Plain(http.StatusBadGateway),
	http.StatusServiceUnavailable: page.Plain(http.StatusServiceUnavailable, page.Field{Name: "Retry-After", Value: "1"}),
	http.StatusGatewayTimeout:     page.Plain(http.StatusGatewayTimeout),
	http.StatusLoopDetected:       page.Plain(http.StatusLoopDetected),
	http.StatusMethodNotAllowed:   page.NotAllowed("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
}
