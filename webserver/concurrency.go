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

// quota counts what is under way, of each client and of all.
type quota struct {
	most, mostFrom int // of all; of one IPv4 address or IPv6 /64

	mu   sync.Mutex
	all  int
	from map[netip.Addr]int // by subscriber
}

// mostStreamsIn one connection (RFC 9113, 6.5.2, and RFC 9114, 6.1: no fewer than 100). Its receive window is that of all of
// them: an upload that an application does not read keeps no other from coming, and what it holds is counted by itself.
const mostStreamsIn = 100

// newStreamQuota is for requests over HTTP/2 and HTTP/3. A connection there carries a hundred of them, and a client that opens
// no window for what it asks for keeps each in memory, some 13 KB: bounds for connections are none for them. Each browser has
// a few dozen, for moments.
func newStreamQuota() quota { return quota{most: 4096, mostFrom: 256, from: map[netip.Addr]int{}} }

// enter says whether there is room for one more of a client. If so, leave must follow.
func (u *quota) enter(client netip.Addr) bool {
	who := inet.Subscriber(client)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.isFull(who) {
		return false
	}
	u.all++
	u.from[who]++
	return true
}

// reenter counts one again that was in, whether there is room or not.
func (u *quota) reenter(client netip.Addr) {
	who := inet.Subscriber(client)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all++
	u.from[who]++
}

// full says that enter would find no room.
func (u *quota) full(client netip.Addr) bool {
	who := inet.Subscriber(client)
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.isFull(who)
}

func (u *quota) isFull(who netip.Addr) bool { return u.all >= u.most || u.from[who] >= u.mostFrom }

func (u *quota) leave(client netip.Addr) {
	who := inet.Subscriber(client)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all--
	if u.from[who]--; u.from[who] == 0 {
		delete(u.from, who)
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
