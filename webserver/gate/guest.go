package gate

import "net/netip"

// Guest is a connection that has a place. While it has no request, it may lose its place to a new one.
type Guest struct {
	gate  *Gate
	close func() error // does not wait, and may come back to Leave

	// Under the gate's mutex:
	requests int
	home     *home // nil: not counted by address
	left     bool
	idle     link // in the gate's queue
	idleHere link // in that of its home
}

// home is what counts as one client: an IPv4 address, or the /64 that an IPv6 network has at least.
type home struct {
	prefix netip.Addr
	guests int
	idle   queue
}

// Admit gives a connection from an address a place, or returns nil where none is free. Close is called when the
// place is needed. This is the door of connections that do not come through Listener, such as QUIC's.
func (g *Gate) Admit(from netip.Addr, close func() error) *Guest {
	guest := new(Guest)
	if !g.admit(guest, plain(from), close) {
		return nil
	}
	return guest
}

// Begin and End tell of a request that the connection carries.
func (guest *Guest) Begin() { guest.add(+1) }

// End is the other half of Begin.
func (guest *Guest) End() { guest.add(-1) }

func (guest *Guest) add(more int) {
	guest.gate.mu.Lock()
	defer guest.gate.mu.Unlock()
	guest.gate.carries(guest, guest.requests+more)
}

// Leave gives the place back. It may be called more than once.
func (guest *Guest) Leave() {
	guest.gate.mu.Lock()
	defer guest.gate.mu.Unlock()
	guest.gate.remove(guest)
}

func (g *Gate) admit(guest *Guest, from netip.Addr, close func() error) bool {
	guest.gate, guest.close = g, close
	guest.idle.guest, guest.idleHere.guest = guest, guest
	return g.replace(func() (*Guest, bool) {
		h, shed, ok := g.homeFor(from)
		if ok && shed == nil && g.counts.Open >= g.config.Clients {
			shed, ok = g.idle.first()
		}
		if !ok {
			g.counts.Refused++
			return nil, false
		}
		g.counts.Admitted++
		g.counts.Open++
		g.enter(guest, h)
		g.rest(guest)
		return shed, true
	})
}

// move takes a guest, whose proxy has now said from where it comes, to its home. It reports whether there is room.
func (g *Gate) move(guest *Guest, to netip.Addr) bool {
	return g.replace(func() (*Guest, bool) {
		h, shed, ok := g.homeFor(to)
		if guest.left || !ok {
			g.counts.Refused++
			return nil, false
		}
		// It is idle: before it asks for anything, its proxy says for whom.
		g.rouse(guest)
		g.enter(guest, h)
		g.rest(guest)
		return shed, true
	})
}

func (g *Gate) enter(guest *Guest, h *home) {
	if guest.home = h; h != nil {
		h.guests++
		g.homes[h.prefix] = h
	}
}

// replace runs a change of the books, and closes the connection that it costs once nobody waits for the books.
func (g *Gate) replace(change func() (shed *Guest, ok bool)) bool {
	g.mu.Lock()
	shed, ok := change()
	if shed != nil {
		g.counts.Shed++
		g.remove(shed)
	}
	g.mu.Unlock()
	if shed != nil {
		shed.close()
	}
	return ok
}

// homeFor gives the home of an address, and who must leave it before one more may enter. Proxies have none.
func (g *Gate) homeFor(a netip.Addr) (h *home, shed *Guest, ok bool) {
	if !a.IsValid() || trusts(g.config.Trusted, a) {
		return nil, nil, true
	}
	prefix := Household(a)
	h = g.homes[prefix]
	if h == nil {
		h = &home{prefix: prefix}
		h.idle.init()
	}
	if h.guests >= g.config.PerAddress {
		shed, ok = h.idle.first()
		return h, shed, ok
	}
	return h, nil, true
}

// Household is what counts as one client: the IPv4 address, or the /64 that an IPv6 network has at least.
func Household(a netip.Addr) netip.Addr {
	if a.Is4() {
		return a
	}
	return netip.PrefixFrom(a, 64).Masked().Addr()
}

// shedIdlest closes the idlest connection, which gives a file descriptor back.
func (g *Gate) shedIdlest() {
	g.replace(g.idle.first)
}

// carries notes how many requests a guest has now.
func (g *Gate) carries(guest *Guest, requests int) {
	was := guest.requests
	guest.requests = requests
	switch {
	case guest.left:
	case was == 0 && requests > 0:
		g.rouse(guest)
	case was > 0 && requests == 0:
		g.rest(guest)
	}
}

// rest notes that a guest is idle from now on.
func (g *Gate) rest(guest *Guest) {
	g.counts.Idle++
	g.idle.push(&guest.idle)
	if guest.home != nil {
		guest.home.idle.push(&guest.idleHere)
	}
}

// rouse is the end of rest.
func (g *Gate) rouse(guest *Guest) {
	g.counts.Idle--
	guest.idle.cut()
	if guest.home != nil {
		guest.idleHere.cut()
	}
}

func (g *Gate) remove(guest *Guest) {
	if guest.left {
		return
	}
	guest.left = true
	g.counts.Open--
	if guest.requests == 0 {
		g.rouse(guest)
	}
	if h := guest.home; h != nil {
		if h.guests--; h.guests == 0 {
			delete(g.homes, h.prefix)
		}
	}
}
