package delegation

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"tinycdn/cmd/tinycdn/words"

	"github.com/miekg/dns"
)

// Own is what our files say of a zone's nameservers.
type Own struct {
	Zone        string
	Nameservers map[string][]netip.Addr // by name; of those in the zone their addresses
}

// Inspection is what a zone's delegation looks like from outside.
type Inspection struct {
	Zone     string
	Servers  []Server
	Problems []string // what a registry's checker would say, and what tinycdn wants beyond that
}

// Server is an address of a nameserver with what it said.
type Server struct {
	Nameserver
	Serial  uint32
	Version string // "": it does not tell

	answers bool
}

// Inspect asks the parent who answers for a zone, and holds that against what our files say; then it asks each nameserver, over UDP and
// TCP. Those of a family that is not wanted are left out.
func (w *World) Inspect(ctx context.Context, own Own, wanted func(netip.Addr) bool) *Inspection {
	i := &inspector{World: w, own: own, Inspection: Inspection{Zone: own.Zone}}
	d, err := w.delegation(ctx, own.Zone)
	if err != nil {
		i.say("%v", err)
		return &i.Inspection
	}
	i.compare(d)
	i.find(ctx, d, wanted)
	problems := make([][]string, len(i.Servers))
	var asking sync.WaitGroup
	for k := range i.Servers {
		asking.Go(func() { problems[k] = w.probe(ctx, own, &i.Servers[k]) })
	}
	asking.Wait()
	i.Problems = append(i.Problems, slices.Concat(problems...)...)
	i.alike("serial", "serials differ", func(s Server) string { return fmt.Sprint(s.Serial) })
	i.alike("version", "versions differ", func(s Server) string { return s.Version })
	return &i.Inspection
}

// inspector is an inspection while it is made.
type inspector struct {
	*World
	own Own
	Inspection
}

func (i *inspector) say(format string, args ...any) {
	i.Problems = append(i.Problems, fmt.Sprintf(format, args...))
}

// compare holds the parent's names and glue against ours.
func (i *inspector) compare(d *referral) {
	for _, name := range sorted(i.own.Nameservers) {
		ours := i.own.Nameservers[name]
		switch theirs, ok := d.glue[name]; {
		case !ok:
			i.say("%s is a nameserver here, and not at the parent (%s): add it at the registrar", name, d.parent)
		case !dns.IsSubDomain(dns.Fqdn(i.own.Zone), dns.Fqdn(name)):
		case len(theirs) == 0:
			i.say("the parent (%s) has no glue for %s: give the registrar %s", d.parent, name, addressText(ours))
		case !sameAddresses(ours, theirs):
			i.say("the parent (%s) has glue %s for %s, and here it is %s: change it at the registrar", d.parent, addressText(theirs), name, addressText(ours))
		}
	}
	for _, name := range sorted(d.glue) {
		if _, ok := i.own.Nameservers[name]; !ok {
			i.say("the parent (%s) has the nameserver %s, which the zone has not: take it out at the registrar, or add it here", d.parent, name)
		}
	}
	if len(d.glue) == 1 {
		i.say("there is one nameserver: if it is down, so is the zone (RFC 1034, 4.1, wants two)")
	}
	if d.differ {
		i.say("the nameservers of the parent do not say the same: is a change on its way?")
	}
}

// find finds the addresses of all nameservers, those of the parent and ours.
func (i *inspector) find(ctx context.Context, d *referral, wanted func(netip.Addr) bool) {
	all := map[string]bool{}
	for name := range d.glue {
		all[name] = true
	}
	for name := range i.own.Nameservers {
		all[name] = true
	}
	for _, name := range sorted(all) {
		addresses := slices.Concat(i.own.Nameservers[name], d.glue[name])
		if len(addresses) == 0 {
			addresses = i.addresses(ctx, name)
		}
		if len(addresses) == 0 {
			i.say("the nameserver %s has no address", name)
		}
		slices.SortFunc(addresses, netip.Addr.Compare)
		for _, a := range slices.Compact(addresses) {
			if wanted(a) {
				i.Servers = append(i.Servers, Server{Nameserver: Nameserver{name, a}})
			}
		}
	}
}

// alike wants all servers that answer to say the same, if they say anything.
func (i *inspector) alike(what, text string, of func(Server) string) {
	at := map[string][]string{}
	for _, s := range i.Servers {
		if value := of(s); s.answers && value != "" {
			at[value] = append(at[value], s.String())
		}
	}
	if len(at) < 2 {
		return
	}
	var parts []string
	for _, value := range sorted(at) {
		parts = append(parts, fmt.Sprintf("%s %s at %s", what, words.ASCII(value), strings.Join(at[value], ", ")))
	}
	i.say("%s: %s", text, strings.Join(parts, "; "))
}

// referral is what a parent says.
type referral struct {
	parent string
	glue   map[string][]netip.Addr // of each nameserver
	differ bool
}

// errNotDelegated is that the parent knows nothing of the zone.
var errNotDelegated = errors.New("not delegated")

// delegation asks the nameservers of the zone above.
func (w *World) delegation(ctx context.Context, zone string) (*referral, error) {
	parent, servers, err := w.parentOf(ctx, zone)
	if err != nil {
		return nil, err
	}
	var found *referral
	why := errors.New("silence at all of their addresses")
	question := new(dns.Msg).SetQuestion(dns.Fqdn(zone), dns.TypeNS)
	question.RecursionDesired = false
	question.SetEdns0(1232, false)
	for _, server := range servers {
		reply, err := exchange(ctx, question, w.at(server))
		switch {
		case err != nil:
			continue
		case reply.Rcode != dns.RcodeSuccess && reply.Rcode != dns.RcodeNameError:
			why = fmt.Errorf("%s answers %s", server, dns.RcodeToString[reply.Rcode])
			continue
		}
		is := delegationIn(reply, zone)
		is.parent = parent
		switch {
		case found == nil:
			found = is
		case !sameGlue(found.glue, is.glue):
			found.differ = true
		}
	}
	switch {
	case found == nil:
		return nil, fmt.Errorf("no nameserver of the parent (%s) answers: %w", parent, why)
	case len(found.glue) == 0:
		return nil, fmt.Errorf("%w: the parent (%s) has no nameserver for it (at the registrar)", errNotDelegated, parent)
	}
	return found, nil
}

// parentOf finds the zone above a zone, and the addresses of its nameservers.
func (w *World) parentOf(ctx context.Context, zone string) (parent string, servers []netip.Addr, err error) {
	for at, end := dns.NextLabel(dns.Fqdn(zone), 0); ; at, end = dns.NextLabel(dns.Fqdn(zone), at) {
		parent = plain(dns.Fqdn(zone)[at:])
		if end {
			parent = "."
		}
		reply, err := w.resolve(ctx, parent, dns.TypeNS)
		if err != nil {
			return parent, nil, err
		}
		for _, rr := range reply.Answer {
			if ns, ok := rr.(*dns.NS); ok && strings.EqualFold(ns.Hdr.Name, dns.Fqdn(parent)) {
				servers = append(servers, w.addresses(ctx, plain(ns.Ns))...)
			}
		}
		if len(servers) > 0 {
			return parent, servers, nil
		}
		if end {
			return parent, nil, fmt.Errorf("who has the zone above %s is not to be found out", zone)
		}
	}
}

// addresses are those of a name, as the world has them.
func (w *World) addresses(ctx context.Context, name string) (list []netip.Addr) {
	for _, typ := range []uint16{dns.TypeA, dns.TypeAAAA} {
		if reply, err := w.resolve(ctx, name, typ); err == nil {
			for _, rr := range reply.Answer {
				if a, ok := addressIn(rr); ok {
					list = append(list, a)
				}
			}
		}
	}
	return list
}

// at is where a nameserver is asked.
func (w *World) at(a netip.Addr) string {
	port := w.Port
	if port == "" {
		port = "53"
	}
	return net.JoinHostPort(a.String(), port)
}

// delegationIn reads a referral, or what a server says that has both zones.
func delegationIn(reply *dns.Msg, zone string) *referral {
	d := &referral{glue: map[string][]netip.Addr{}}
	for _, rr := range slices.Concat(reply.Answer, reply.Ns) {
		if ns, ok := rr.(*dns.NS); ok && plain(ns.Hdr.Name) == plain(zone) {
			d.glue[plain(ns.Ns)] = nil
		}
	}
	for _, rr := range reply.Extra {
		name := plain(rr.Header().Name)
		if _, ok := d.glue[name]; ok {
			if a, ok := addressIn(rr); ok {
				d.glue[name] = append(d.glue[name], a)
			}
		}
	}
	return d
}
