package health

import (
	"context"
	"crypto/x509"
	"net/netip"
	"time"
)

// Spot is where and how a target is looked at.
type Spot struct {
	Target
	Addrs   []netip.AddrPort // all of which visitors may come to: one that fails is a failure
	Timeout time.Duration    // of a look at an address
	Page    *Page            // for the pages
	Zone    []byte           // for DNS: the name, in wire form, of the zone whose SOA is asked for
}

// Prober looks at POPs as a visitor or a resolver would.
type Prober struct {
	Roots *x509.CertPool // nil: those of the system
	Live  func() uint64  // the number of the generation that all should serve; nil: there are none
}

// Look looks once, at each address. It takes as long as the timeout allows at most, for each address and protocol.
func (p *Prober) Look(ctx context.Context, s *Spot) (r Result) {
	for _, addr := range s.Addrs {
		if s.Page != nil {
			r = p.lookAtPage(ctx, addr, s)
		} else {
			r = askForSOA(ctx, addr, s)
		}
		if r.Why != "" {
			break
		}
	}
	return r
}

// watch measures how long things take.
type watch struct {
	begin time.Time
	took  []int
}

func newWatch() *watch { return &watch{begin: time.Now()} }

// lap notes that something is done now.
func (w *watch) lap() { w.took = append(w.took, int(time.Since(w.begin).Milliseconds())) }
