package pop

import (
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/cmd/tinycdn/delegation"
	"tinycdn/cmd/tinycdn/state"
	"tinycdn/webserver"
	"tinycdn/webserver/acme"
	"tinycdn/webserver/certs"
	"tinycdn/zones/diag"
)

// ordering is what a POP does for certificates of its own.
type ordering struct {
	folder  string           // in which they are kept; "": none are ordered
	world   delegation.World // how it is asked
	proofs  *proofs
	begun   chan struct{} // closed when there is a manager
	manager *acme.Manager // by whoever adopts; others look once begun is closed

	succession succession       // of the goroutine that orders
	clock      func() time.Time // by which it is settled who does
	orderer    atomic.Pointer[string]
	bundle     atomic.Pointer[acme.Bundle] // what is known by now; nil: there is no manager
	wish       atomic.Pointer[wish]        // by what is served; nil: nothing is yet
	underWay   atomic.Pointer[string]      // what is being ordered
	asking     chan struct{}               // has as much in it as other POPs are asked for tokens

	handedOver time.Time // until then another POP's order may be under way that the process before knew of; set before anybody asks

	lock   sync.Mutex
	ofFile *certs.Store // the certificates that come from files
	wanted int
}

// order has the certificates ordered that a generation wants. It is for whoever adopts.
func (p *POP) order(g *Generation) {
	o := &p.ordering
	wanted := g.Config.Certificates(g.certs.Value.Covers)
	var names []string
	for _, w := range wanted {
		names = append(names, w.Names...)
	}
	o.proofs.wants(names)
	o.wish.Store(&wish{g.Config.ACME, wanted})
	defer p.layStanding()
	if o.folder == "" {
		wanted = nil
	}
	if o.manager == nil && wanted != nil {
		o.manager = acme.New(acme.Options{Folder: o.folder, DNS: o.proofs, Log: p.log, Now: time.Now, Serve: p.showCertificates, Changed: p.knows, Ordering: p.begins, Rest: debug.FreeOSMemory})
		p.knows(o.manager.Bundle())
		defer close(o.begun)
	}
	if o.manager != nil {
		o.manager.Set(g.Config.ACME, wanted)
	}
	o.lock.Lock()
	o.ofFile, o.wanted = g.certs.Value, len(wanted)
	o.lock.Unlock()
	p.showCertificates()
}

// showCertificates shows visitors the certificates that there are by now: those of files, and those that were ordered.
func (p *POP) showCertificates() {
	o := &p.ordering
	o.lock.Lock()
	defer o.lock.Unlock()
	var list []certs.PEM
	if o.manager != nil {
		for _, pair := range o.manager.Pairs() {
			list = append(list, certs.PEM(pair))
		}
	}
	p.certs.Set(o.ofFile.With(list, o.wanted))
}

// orders is who orders certificates; nil: nobody does.
func (p *POP) orders() *acme.Manager {
	select {
	case <-p.ordering.begun:
		return p.ordering.manager
	default:
		return nil
	}
}

// cannotOrder tells why the certificates that a generation wants are not ordered here.
func (p *POP) cannotOrder(g *Generation) []Finding {
	if g.Config.ACME == nil || p.ordering.folder != "" {
		return nil
	}
	text := g.Config.Problem(diag.At("acme"), "there is no folder to keep certificates in").String()
	return []Finding{{Level: slog.LevelWarn, Text: text, Effect: "none is ordered: HTTPS is by web.certs alone"}}
}

// certificateStates are those of the certificates that are ordered.
func (p *POP) certificateStates(now time.Time) map[string]webserver.State {
	m := p.orders()
	if m == nil {
		return nil
	}
	all := map[string]webserver.State{}
	for _, c := range m.List() {
		// That there is none yet is no fault of this POP's; that it has expired is.
		one := webserver.State{OK: c.Until.IsZero() || now.Before(c.Until), Fresh: c.Why == "" && !c.Low, Why: c.Why}
		if !c.Until.IsZero() {
			one.Until, one.Left = utc(c.Until), int(c.Until.Sub(now).Seconds())
		}
		if c.Why != "" && !c.Renewal.IsZero() {
			one.Why += "; the next try is at " + utc(c.Renewal).Format("2006-01-02 15:04:05")
		}
		all[c.Name] = one
	}
	return all
}

// isOrdered says whether a host has a certificate ordered for it, be it here or not.
func (g *Generation) isOrdered(host string) bool {
	for _, w := range g.Config.Certificates(g.certs.Value.Covers) {
		if slices.Contains(w.Names, host) || slices.Contains(w.Names, wildcardOf(host)) {
			return true
		}
	}
	return false
}

// inState is the folder for certificates in a state folder; "": there is none.
func inState(path string) string {
	if path == "" {
		return ""
	}
	return filepath.Join(path, state.ACME)
}
