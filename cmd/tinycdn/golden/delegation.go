package golden

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"tinycdn/cmd/tinycdn/delegation"
	"tinycdn/zones"

	"github.com/miekg/dns"
)

// runDelegations looks at the delegation of each zone of a snapshot as a registry does, and adds what is wrong to the report.
func (r *Runner) runDelegations(ctx context.Context, w *delegation.World, s *zones.Snapshot, wanted func(netip.Addr) bool) {
	for apex, z := range s.Zones {
		if z == nil {
			continue // it could not be loaded, which is told
		}
		i := w.Inspect(ctx, ownOf(s, apex), wanted)
		r.mu.Lock()
		for _, text := range i.Problems {
			r.report.Findings = append(r.report.Findings, Finding{i.Zone, text})
		}
		r.report.Notes = append(r.report.Notes, noteOf(i))
		r.mu.Unlock()
		r.tell(1)
	}
}

// ownOf is what a snapshot says of a zone's nameservers.
func ownOf(s *zones.Snapshot, apex []byte) delegation.Own {
	own := delegation.Own{Zone: zones.NameText(apex), Nameservers: map[string][]netip.Addr{}}
	for _, name := range s.Data(apex, dns.TypeNS) {
		addresses := []netip.Addr{}
		for _, typ := range []uint16{dns.TypeA, dns.TypeAAAA} {
			for _, data := range s.Data(name, typ) {
				if a, ok := netip.AddrFromSlice(data); ok {
					addresses = append(addresses, a)
				}
			}
		}
		own.Nameservers[strings.ToLower(zones.NameText(name))] = addresses
	}
	return own
}

// noteOf says who was asked.
func noteOf(i *delegation.Inspection) string {
	text := i.Zone + ":"
	for _, s := range i.Servers {
		text += fmt.Sprintf(" %s serial %d,", s, s.Serial)
	}
	if len(i.Servers) == 0 {
		text += " nobody was asked"
	}
	return strings.TrimSuffix(text, ",")
}
