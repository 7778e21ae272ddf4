package upload

import (
	"net/netip"
	"sync"

	"tinycdn/geoip/inet"
)

// mostHeld is the memory in bytes that all uploads may hold: that of a thousand long ones on their way.
const mostHeld = 64 << 20

// Room counts the memory of all uploads. No site has more than it leaves to the others, and no visitor more than an eighth of
// what is left to his site: 6.4 MB if he is alone, and whoever takes all that he gets leaves some for the next.
type Room struct {
	mu      sync.Mutex
	held    int64            // by mu
	sites   map[string]int64 // by mu
	clients map[client]int64 // by mu
}

// client is an IPv4 address or an IPv6 /64, at a site.
type client struct {
	site string
	from netip.Addr
}

// Held is how many bytes all uploads hold.
func (r *Room) Held() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held
}

// Share is a share of nothing yet, for an upload to a site from an address.
func (r *Room) Share(site string, from netip.Addr) *Share {
	return &Share{room: r, client: client{site, inet.Subscriber(from)}}
}

// Share is what one upload holds.
type Share struct {
	room   *Room
	client client
	held   int64 // by the room's mutex
}

// take says whether there is room for so many bytes more.
func (s *Share) take(n int64) bool {
	r := s.room
	r.mu.Lock()
	defer r.mu.Unlock()
	left := mostHeld - r.held - r.sites[s.client.site]
	if r.clients[s.client]+n > left/8 {
		return false
	}
	if r.sites == nil {
		r.sites, r.clients = map[string]int64{}, map[client]int64{}
	}
	s.add(n)
	return true
}

// give gives so many bytes back.
func (s *Share) give(n int64) {
	s.room.mu.Lock()
	defer s.room.mu.Unlock()
	s.add(-n)
}

// release gives all of them back.
func (s *Share) release() {
	s.room.mu.Lock()
	defer s.room.mu.Unlock()
	if s.held > 0 {
		s.add(-s.held)
	}
}

// add is called with the room's mutex held.
func (s *Share) add(n int64) {
	r := s.room
	s.held += n
	r.held += n
	if r.sites[s.client.site] += n; r.sites[s.client.site] == 0 {
		delete(r.sites, s.client.site)
	}
	if r.clients[s.client] += n; r.clients[s.client] == 0 {
		delete(r.clients, s.client)
	}
}
