package pop

import (
	"encoding/json"
	"net/http"

	"tinycdn/zones"
)

// Health is how the POPs are, as far as one of them knows.
type Health struct {
	Down     []zones.Down
	DoubtTTL uint32
}

// SnapshotWith is what the zones and maps answer while POPs are so.
func (g *Generation) SnapshotWith(health Health) (*zones.Snapshot, error) {
	store := zones.NewStore()
	if err := g.publish(store, nil); err != nil {
		return store.Current(), err
	}
	err := store.Update(func(d *zones.Draft) error { d.SetDown(health.Down, health.DoubtTTL); return nil })
	return store.Current(), err
}

// tellPOPs tells admins how the POPs are.
func (p *POP) tellPOPs(w http.ResponseWriter, _ *http.Request) {
	now := p.store.Current()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(Health{now.Down(), now.DoubtTTL()})
}
