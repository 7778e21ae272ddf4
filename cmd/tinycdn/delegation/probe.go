package delegation

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"

	"tinycdn/zones/diag"

	"github.com/miekg/dns"
)

// probe asks one nameserver for the zone, over UDP and TCP, with and without a client subnet, and says what is wrong.
func (w *World) probe(ctx context.Context, own Own, s *Server) (problems []string) {
	say := func(format string, args ...any) {
		problems = append(problems, s.String()+" "+fmt.Sprintf(format, args...))
	}
	for _, network := range []string{"udp", "tcp"} {
		reply, err := w.put(ctx, s.Addr, network, dns.Question{Name: dns.Fqdn(own.Zone), Qtype: dns.TypeSOA, Qclass: dns.ClassINET}, false)
		over := "over " + strings.ToUpper(network)
		switch {
		case err != nil:
			say("does not answer %s: %s", over, diag.Network(err))
			continue
		case reply.Rcode != dns.RcodeSuccess:
			say("answers %s %s", dns.RcodeToString[reply.Rcode], over)
			continue
		case !reply.Authoritative:
			say("answers without authority (AA) %s: it does not have the zone", over)
		}
		for _, rr := range reply.Answer {
			if soa, ok := rr.(*dns.SOA); ok {
				s.Serial, s.answers = soa.Serial, true
			}
		}
	}
	if !s.answers {
		return problems
	}
	w.probeMore(ctx, own, s, say)
	return problems
}

// probeMore asks a nameserver that has the zone for what else it should know.
func (w *World) probeMore(ctx context.Context, own Own, s *Server, say func(format string, args ...any)) {
	if reply, err := w.put(ctx, s.Addr, "udp", dns.Question{Name: dns.Fqdn(own.Zone), Qtype: dns.TypeNS, Qclass: dns.ClassINET}, true); err == nil {
		var names []string
		for _, rr := range reply.Answer {
			if ns, ok := rr.(*dns.NS); ok {
				names = append(names, plain(ns.Ns))
			}
		}
		slices.Sort(names)
		if ours := sorted(own.Nameservers); !slices.Equal(names, ours) {
			say("has the nameservers %s for the zone, and here they are %s", cmp.Or(strings.Join(names, ", "), "none"), strings.Join(ours, ", "))
		}
		if !hasSubnet(reply) {
			say("leaves out the client subnet (RFC 7871): it places visitors by their resolver, or not at all")
		}
	}
	if reply, err := w.put(ctx, s.Addr, "udp", dns.Question{Name: "version.tinycdn.", Qtype: dns.TypeTXT, Qclass: dns.ClassCHAOS}, false); err == nil {
		for _, rr := range reply.Answer {
			if txt, ok := rr.(*dns.TXT); ok {
				s.Version = strings.Join(txt.Txt, "")
			}
		}
	}
}

// put asks a nameserver over one network, over UDP up to three times.
func (w *World) put(ctx context.Context, at netip.Addr, network string, q dns.Question, subnet bool) (reply *dns.Msg, err error) {
	question := &dns.Msg{Question: []dns.Question{q}}
	question.Id = dns.Id()
	question.SetEdns0(1232, false)
	if subnet {
		opt := question.IsEdns0() // a network for documentation (RFC 5737): it stands for nobody
		opt.Option = append(opt.Option, &dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, Address: net.IPv4(192, 0, 2, 0)})
	}
	attempts := 1
	if network == "udp" {
		attempts = tries
	}
	for range attempts {
		client := dns.Client{Net: network, Timeout: answerTime}
		if reply, _, err = client.ExchangeContext(ctx, question, w.at(at)); err == nil || ctx.Err() != nil {
			break
		}
	}
	return reply, err
}

func hasSubnet(reply *dns.Msg) bool {
	opt := reply.IsEdns0()
	return opt != nil && slices.ContainsFunc(opt.Option, func(o dns.EDNS0) bool { return o.Option() == dns.EDNS0SUBNET })
}

func addressIn(rr dns.RR) (a netip.Addr, ok bool) {
	var ip net.IP
	switch rr := rr.(type) {
	case *dns.A:
		ip = rr.A
	case *dns.AAAA:
		ip = rr.AAAA
	}
	a, ok = netip.AddrFromSlice(ip)
	return a.Unmap(), ok
}

func sorted[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }

func sameAddresses(a, b []netip.Addr) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.SortFunc(a, netip.Addr.Compare)
	slices.SortFunc(b, netip.Addr.Compare)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

func sameGlue(a, b map[string][]netip.Addr) bool { return maps.EqualFunc(a, b, sameAddresses) }

func addressText(list []netip.Addr) string {
	var texts []string
	for _, a := range list {
		texts = append(texts, a.String())
	}
	slices.Sort(texts)
	return cmp.Or(strings.Join(texts, ", "), "none")
}
