package live

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/cmd/tinycdn/delegation"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/webserver/acme"
)

// World is how the world is asked what it has, at a resolver; "": this machine's.
func World(resolver string) (*delegation.World, error) {
	if resolver == "" {
		return new(delegation.World), nil
	}
	at, err := netip.ParseAddrPort(resolver)
	if err != nil {
		var addr netip.Addr
		if addr, err = netip.ParseAddr(resolver); err != nil {
			return nil, fmt.Errorf("--resolver %s is no address (9.9.9.9, or with a port 127.0.0.1:5353)", resolver)
		}
		at = netip.AddrPortFrom(addr, 53)
	}
	return &delegation.World{Resolvers: []string{at.String()}}, nil
}

// certificates takes down for which names an authority would give no certificate.
func (r *Report) certificates(ctx context.Context, g *pop.Generation, world *delegation.World) {
	for _, one := range g.Refusals(ctx, world, accounts(g)) {
		if len(one.Accounts) > 0 {
			r.Conditions = append(r.Conditions, one)
		} else {
			r.Refusals = append(r.Refusals, one)
		}
	}
}

// accounts are those of the POP that runs on this machine, if one does, by what CAA records call the authorities.
func accounts(g *pop.Generation) func(issuer string) string {
	known := map[string]string{}
	if client, err := admin.Dial(g.Config.Web.AdminSocket); err == nil {
		defer client.Close()
		var all []acme.Status
		if text, err := client.Certs(); err == nil && json.Unmarshal(text, &all) == nil {
			for _, one := range all {
				known[one.Issuer] = one.Account
			}
		}
	}
	return func(issuer string) string { return known[issuer] }
}
