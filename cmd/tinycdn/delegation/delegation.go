// Package delegation asks the world who answers for a zone, and those who do whether all of them have a record.
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
	"time"

	"github.com/miekg/dns"
)

const (
	// answerTime is how long a nameserver may take to answer, and tries how often it is asked before it counts as one that does not.
	answerTime = 2 * time.Second
	tries      = 3
	// again is how soon those are asked again that have not all of it.
	again = time.Second
	// patience is how long they may take to have it.
	patience = time.Minute
)

// World is how the world is asked. The zero value asks as this machine does.
type World struct {
	Resolvers []string      // with ports; none: those of /etc/resolv.conf
	Port      string        // of nameservers; "": 53
	Patience  time.Duration // for nameservers to have a record; 0: a minute

	Down func(netip.Addr) bool // that nobody answers at an address is known; nil: of none
}

// Nameserver is an address of a nameserver.
type Nameserver struct {
	Name string
	Addr netip.Addr
}

// String is how people call it.
func (n Nameserver) String() string { return fmt.Sprintf("%s (%s)", n.Name, n.Addr) }

// Nameservers are those whom the world asks for a zone, which must be some of ours.
func (w *World) Nameservers(ctx context.Context, zone string, ours []string) (all []Nameserver, err error) {
	reply, err := w.resolve(ctx, zone, dns.TypeNS)
	if err != nil {
		return nil, fmt.Errorf("who answers for %s is not to be found out: %w", zone, err)
	}
	var names []string
	for _, rr := range reply.Answer {
		if ns, ok := rr.(*dns.NS); ok {
			names = append(names, plain(ns.Ns))
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the world does not ask us for %s: delegate first (at the registrar, its nameservers are %s)", zone, strings.Join(ours, ", "))
	}
	slices.Sort(names)
	if !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(ours, name) }) {
		return nil, fmt.Errorf("the world does not ask us for %s, but %s: delegate first (at the registrar, its nameservers are %s)", zone, strings.Join(names, ", "), strings.Join(ours, ", "))
	}
	for _, name := range names {
		for _, typ := range []uint16{dns.TypeA, dns.TypeAAAA} {
			reply, err := w.resolve(ctx, name, typ)
			if err != nil {
				continue // the others may do
			}
			for _, rr := range reply.Answer {
				if addr, ok := addressIn(rr); ok {
					all = append(all, Nameserver{name, addr})
				}
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the nameservers of %s have no address (%s)", zone, strings.Join(names, ", "))
	}
	return all, nil
}

// Await waits until all nameservers that answer have a TXT record of a name. Who does not answer is passed over, but not all of them.
func (w *World) Await(ctx context.Context, servers []Nameserver, name, value string) error {
	most := w.Patience
	if most == 0 {
		most = patience
	}
	enough := time.After(most) // no round is cut short: who is asked at the end has time to answer
	for round := 1; ; round++ {
		all := w.askAll(ctx, servers, name, value)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		have, silent, unsure := 0, 0, 0
		var faults []error
		for i, one := range all {
			switch {
			case one == nil:
				have++
			case errors.Is(one, errSilent):
				if silent++; w.Down == nil || !w.Down(servers[i].Addr) {
					unsure++
				}
				faults = append(faults, fmt.Errorf("%s does not answer", servers[i]))
			default:
				faults = append(faults, fmt.Errorf("%s answers without the record of %s%w", servers[i], name, one))
			}
		}
		if have+silent == len(all) && (unsure == 0 || round >= tries) {
			if have == 0 {
				return fmt.Errorf("no nameserver answers: %w", errors.Join(faults...))
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-enough:
			return errors.Join(faults...)
		case <-time.After(again):
		}
	}
}

// errSilent says that a nameserver does not answer.
var errSilent = errors.New("silence")

// askAll asks each server at once. An error is silence, or what it answers instead.
func (w *World) askAll(ctx context.Context, servers []Nameserver, name, value string) []error {
	all := make([]error, len(servers))
	var asking sync.WaitGroup
	for i, server := range servers {
		asking.Go(func() { all[i] = w.has(ctx, server.Addr, name, value) })
	}
	asking.Wait()
	return all
}

// has asks a nameserver for a TXT record.
func (w *World) has(ctx context.Context, server netip.Addr, name, value string) error {
	port := w.Port
	if port == "" {
		port = "53"
	}
	question := new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.TypeTXT)
	question.RecursionDesired = false
	question.SetEdns0(1232, false)
	reply, err := exchange(ctx, question, net.JoinHostPort(server.String(), port))
	switch {
	case err != nil:
		return errSilent
	case reply.Rcode != dns.RcodeSuccess:
		return fmt.Errorf(": %s", dns.RcodeToString[reply.Rcode])
	}
	for _, rr := range reply.Answer {
		if txt, ok := rr.(*dns.TXT); ok && strings.Join(txt.Txt, "") == value {
			return nil
		}
	}
	return errors.New("")
}
