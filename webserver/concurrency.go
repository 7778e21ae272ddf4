package webserver

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// streams counts the requests under way over HTTP/2 and HTTP/3. A connection there carries a hundred of them, and a client
// that opens no window for what it asks for keeps each in memory: bounds for connections are none for them.
type streams struct {
	mu   sync.Mutex
	all  int
	from map[netip.Addr]int // by subscriber
}

const (
	// mostStreams at once; one whose client does not take it holds some 13 KB.
	mostStreams = 4096
	// mostStreamsFrom one IPv4 address or IPv6 /64. Each of its browsers has a few dozen, for moments.
	mostStreamsFrom = 256
)

// enter says whether there is room for one more request of a client. If so, leave must follow.
func (s *streams) enter(client netip.Addr) bool {
	who := inet.Subscriber(client)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= mostStreams || s.from[who] >= mostStreamsFrom {
		return false
	}
	if s.from == nil {
		s.from = map[netip.Addr]int{}
	}
	s.all++
	s.from[who]++
	return true
}

func (s *streams) leave(client netip.Addr) {
	who := inet.Subscriber(client)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.from[who]--; s.from[who] == 0 {
		delete(s.from, who)
	}
}

// reject answers without a body, for which the client might not open a window.
func (s *Server) reject(w http.ResponseWriter, x *exchange) {
	h := w.Header()
	h["Retry-After"] = []string{"1"}
	h["Cache-Control"] = []string{"no-store"}
	h["Content-Length"] = []string{"0"}
	w.WriteHeader(http.StatusServiceUnavailable)
	site, host := s.siteOf(&x.request)
	x.reply = reply.Reply{
		Status: http.StatusServiceUnavailable, Cache: page.Outcome{Result: page.Pass},
		Begin: time.Now(), Site: site.Name, Host: host, Counters: site.counters,
	}
	s.observe(&x.request, &x.reply)
}
