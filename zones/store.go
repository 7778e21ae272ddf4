// Package zones holds what we say: zones compiled into answers, and published whole.
package zones

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"tinycdn/zones/steer"
)

// Store is where answers are found and where every change goes through.
type Store struct {
	current atomic.Pointer[Snapshot] // published; read by anyone
	writer  sync.Mutex               // held by Update
}

// NewStore returns a store without zones.
func NewStore() *Store {
	s := &Store{}
	s.current.Store(newSnapshot(nil, nil))
	return s
}

// Current returns the snapshot that answers now.
func (s *Store) Current() *Snapshot { return s.current.Load() }

// Update is the one door for changes. It hands change a draft of what is published now, and publishes the draft
// with one store. Any error, change's own or that of a draft that does not fit together, leaves the old snapshot answering.
func (s *Store) Update(change func(*Draft) error) error {
	s.writer.Lock()
	defer s.writer.Unlock()
	old := s.current.Load()
	d := &Draft{zones: map[string]*Zone{}, maps: maps.Clone(old.maps), before: old.maps}
	if d.maps == nil {
		d.maps = map[string]*addresses{}
	}
	for apex, z := range old.zones {
		d.zones[apex] = z.zone
	}
	if err := change(d); err != nil {
		return err
	}
	next, err := d.finish()
	if err != nil {
		return err
	}
	s.current.Store(next)
	return nil
}

// Draft is a snapshot in the making.
type Draft struct {
	zones  map[string]*Zone // by apex; nil: could not be loaded
	maps   map[string]*addresses
	before map[string]*addresses // that are published now
}

// SetZone puts in a zone, in place of the one with that name if there is one.
func (d *Draft) SetZone(z *Zone) { d.zones[string(z.Apex)] = z }

// Fail notes a zone that could not be loaded: its names get SERVFAIL, so that resolvers ask another POP. A zone
// of that name that does answer is kept.
func (d *Draft) Fail(apex []byte) {
	if d.zones[string(apex)] == nil {
		d.zones[string(apex)] = nil
	}
}

// Keep removes every zone but those for which keep says yes.
func (d *Draft) Keep(keep func(apex []byte) bool) {
	maps.DeleteFunc(d.zones, func(apex string, _ *Zone) bool { return !keep([]byte(apex)) })
}

// SetMaps puts in these maps, in place of all that there were.
func (d *Draft) SetMaps(list []*steer.Map) {
	d.maps = map[string]*addresses{}
	for _, m := range list {
		d.maps[m.Name] = newAddresses(m)
	}
}

func (d *Draft) finish() (*Snapshot, error) {
	all := make(map[string]*zoneEntry, len(d.zones))
	for apex, z := range d.zones {
		s := &zoneEntry{apex: []byte(apex), zone: z}
		if z != nil {
			for _, name := range z.maps {
				m := d.maps[name]
				if m == nil && d.before[name] != nil {
					// A zone that stays as it was, because its file is broken or its map is gone, keeps that map too.
					m = d.before[name]
					d.maps[name] = m
				}
				if m == nil {
					return nil, fmt.Errorf("zone %s uses map %q, which is not defined", NameText(z.Apex), name)
				}
				s.maps = append(s.maps, m)
			}
		}
		all[apex] = s
	}
	return newSnapshot(all, d.maps), nil
}
