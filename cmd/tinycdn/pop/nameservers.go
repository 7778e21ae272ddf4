package pop

import (
	"fmt"
	"net/netip"

	"tinycdn/zones/diag"
)

// strayNameservers are the addresses of zones' own nameservers that are no POP's, nor one that this server listens on: who
// asks there mostly finds nobody.
func (g *Generation) strayNameservers() (notes []diag.Problem) {
	if len(g.Config.POPs) == 0 {
		return nil
	}
	ours := map[netip.Addr]bool{}
	for _, pop := range g.Config.POPs {
		for _, addr := range pop.Addresses {
			ours[addr] = true
		}
	}
	for _, listen := range g.Config.DNS.Listen {
		if at, err := netip.ParseAddrPort(listen); err == nil {
			ours[at.Addr()] = true
		}
	}
	for _, z := range g.answered {
		if z.Value == nil || z.kept {
			continue
		}
		for _, ns := range z.Value.Nameservers {
			if !ours[ns.Addr] {
				text := fmt.Sprintf("%s: the address %s of this nameserver is no POP's", ns.Name, ns.Addr)
				notes = append(notes, diag.Problem{File: ns.File, Line: ns.Line, Text: text})
			}
		}
	}
	return notes
}
