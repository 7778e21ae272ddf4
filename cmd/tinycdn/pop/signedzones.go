package pop

import (
	"context"
	"time"

	"tinycdn/zones"
	"tinycdn/zones/sign"
)

// settings are those of the zones of g.
func (g *Generation) settings() zoneSettings {
	return zoneSettings{g.mapNames(), g.Config.IncludeFrom, g.Config.Keys(), zones.FamiliesOf(g.allMaps())}
}

// loader reads a zone by these settings. Signatures that were made before are those of then.
func (s *zoneSettings) loader(signatures *sign.Cache) zones.Loader {
	return zones.Loader{Maps: s.maps, From: s.from, Signing: zones.Signing{Keys: s.keys, Families: s.families, Cache: signatures}}
}

// isDue says whether some of the zone is to be signed anew.
func (z *zonePart) isDue(now time.Time) bool {
	if z.Value == nil {
		return false
	}
	at := z.Value.RenewAt()
	return !at.IsZero() && !now.Before(at)
}

// renewal is when the next zone is to be signed anew; zero: none is signed here. One that was due and could not be read is tried again
// when files are looked at.
func (g *Generation) renewal(now time.Time) (next time.Time) {
	for _, z := range g.zones {
		if z.Value == nil {
			continue
		}
		if at := z.Value.RenewAt(); at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// warmSoon has the answers signed that may be wanted next.
func (p *POP) warmSoon() {
	select {
	case p.cold <- struct{}{}:
	default:
	}
}

// signAhead signs what geo names will be answered with if a POP goes down, until ctx ends: a verdict then waits for no signature.
func (p *POP) signAhead(ctx context.Context) error {
	for {
		select {
		case <-p.cold:
			p.store.Current().Warm(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}
