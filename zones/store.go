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
	current   atomic.Pointer[Snapshot] // published; read by anyone
	writer    sync.Mutex               // held by Update
	numbering numbering
}

// NewStore returns a store without zones.
func NewStore() *Store {
	s := &Store{}
	s.current.Store(newSnapshot(nil, nil, &downs{}))
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
	d := &Draft{zones: map[string]*Zone{}, overlays: map[string]*overlay{}, maps: map[string]*addresses{}, down: old.down, before: old}
	maps.Copy(d.maps, old.maps)
	for apex, z := range old.zones {
		d.zones[apex] = z.own
		if z.overlay != nil {
			d.overlays[apex] = z.overlay
		}
	}
	if err := change(d); err != nil {
		return err
	}
	next, err := d.finish()
	if err != nil {
		return err
	}
	s.numbering.number(next)
	s.current.Store(next)
	return nil
}

// Draft is a snapshot in the making.
type Draft struct {
	zones    map[string]*Zone // by apex; nil: could not be loaded
	overlays map[string]*overlay
	maps     map[string]*addresses
	down     *downs
	before   *Snapshot // what is published now

	tables *tables // that answers share; nil: none was needed yet
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
		if a := d.before.maps[m.Name]; a != nil && a.steer == m {
			d.maps[m.Name] = a
		} else {
			d.maps[m.Name] = newAddresses(m, d.shared())
		}
	}
}

// shared are the tables that answers share.
func (d *Draft) shared() *tables {
	if d.tables == nil {
		d.tables = tablesOf(d.before.maps)
	}
	return d.tables
}

func (d *Draft) finish() (*Snapshot, error) {
	d.keepMaps()
	for name, a := range d.maps {
		if d.down != d.before.down || d.before.maps[name] != a {
			d.maps[name] = a.under(d.down, d.shared())
		}
	}
	all := make(map[string]*zoneEntry, len(d.zones))
	for apex, z := range d.zones {
		s := &zoneEntry{apex: []byte(apex), zone: d.overlays[apex].over(z), own: z, overlay: d.overlays[apex]}
		if z != nil {
			if err := d.bind(s); err != nil {
				return nil, err
			}
		}
		all[apex] = s
	}
	return newSnapshot(all, d.maps, d.down), nil
}

// bind gives a zone its maps, and signs the addresses of its geo names if it is signed here.
func (d *Draft) bind(s *zoneEntry) error {
	z := s.own
	for _, name := range z.maps {
		m := d.maps[name]
		if m == nil {
			return fmt.Errorf("zone %s uses map %q, which is not defined", NameText(z.Apex), name)
		}
		if m = d.fitting(z, m); m == nil {
			return fmt.Errorf("zone %s is signed, and map %q gives its names addresses of other types by now (the zone must be loaded anew)", NameText(z.Apex), name)
		}
		s.maps = append(s.maps, m)
	}
	return s.signAddresses(d.before.zones[string(s.apex)])
}

// keepMaps keeps the maps of zones that stay as they were, because a file is broken or a map is gone.
func (d *Draft) keepMaps() {
	for _, z := range d.zones {
		if z == nil {
			continue
		}
		for _, name := range z.maps {
			if m := d.before.maps[name]; d.maps[name] == nil && m != nil {
				d.maps[name] = m
			}
		}
	}
}
