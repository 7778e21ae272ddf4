package zones

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"tinycdn/zones/rr"
)

// ask asks a snapshot for a name and type, and returns the answer's sections as octets.
func ask(s *Snapshot, name string, typ uint16) (string, Outcome) {
	wire := []byte{}
	for _, label := range splitDots(name) {
		wire = append(append(wire, byte(len(label))), label...)
	}
	wire = append(wire, 0)
	q := Question{Name: new([rr.MaxName + 9]byte), NameLen: len(wire), Type: typ, Limit: 65535}
	copy(q.Name[:], wire)
	head := make([]byte, nameAt, 512)
	head = append(append(head, wire...), 0, byte(typ), 0, 1)
	reply, out := s.Answer(head, &q)
	return string(reply[len(head):]), out
}

func splitDots(s string) (list []string) {
	for len(s) > 0 {
		i := 0
		for i < len(s) && s[i] != '.' {
			i++
		}
		list = append(list, s[:i])
		s = s[min(i+1, len(s)):]
	}
	return list
}

func mustLoad(t testing.TB, text string) *Zone {
	t.Helper()
	l := loadText(t, "zone.zone", text)
	if l.Value == nil {
		t.Fatal(l.Problems)
	}
	return l.Value
}

func TestAnEmptyStoreRefuses(t *testing.T) {
	t.Parallel()
	if _, out := ask(NewStore().Current(), "example.org", rr.TypeA); out.Rcode != refused {
		t.Errorf("got %+v", out)
	}
}

func TestAFailedUpdateChangesNothing(t *testing.T) {
	t.Parallel()
	s := NewStore()
	zone := mustLoad(t, sound)
	if err := s.Update(func(d *Draft) error { d.SetZone(zone); return nil }); err != nil {
		t.Fatal(err)
	}
	before := s.Current()
	fault := errors.New("fault")
	err := s.Update(func(d *Draft) error {
		d.Keep(func([]byte) bool { return false })
		return fault
	})
	if err != fault || s.Current() != before {
		t.Errorf("got error %v, snapshot changed: %v", err, s.Current() != before)
	}
	geo := loadText(t, "zone.toml", "[records]\n\"@\" = { NS = \"ns.example.\", geo = \"site\" }\n")
	if geo.Value == nil {
		t.Fatal(geo.Problems)
	}
	if err := s.Update(func(d *Draft) error { d.SetZone(geo.Value); return nil }); err == nil || s.Current() != before {
		t.Errorf("a zone whose map is missing was published")
	}
}

func TestAZoneThatFailsIsAnsweredWithServfailUntilItLoads(t *testing.T) {
	t.Parallel()
	s := NewStore()
	apex := []byte("\x07example\x03org\x00")
	fail := func(d *Draft) error { d.Fail(apex); return nil }
	if err := s.Update(fail); err != nil {
		t.Fatal(err)
	}
	if _, out := ask(s.Current(), "ns.example.org", rr.TypeA); out.Rcode != servFail || out.Authoritative {
		t.Errorf("got %+v", out)
	}
	zone := mustLoad(t, sound)
	if err := s.Update(func(d *Draft) error { d.SetZone(zone); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(fail); err != nil { // as at a reload: the zone that was there stays
		t.Fatal(err)
	}
	if _, out := ask(s.Current(), "ns.example.org", rr.TypeA); out.Rcode != noError || out.Answer != 1 {
		t.Errorf("got %+v", out)
	}
}

// Readers see one zone or the other, never a mixture, while a writer publishes.
func TestReadersSeeWholeSnapshots(t *testing.T) {
	t.Parallel()
	s := NewStore()
	var versions [2]*Zone
	answers := map[string]bool{}
	for i := range versions {
		versions[i] = mustLoad(t, fmt.Sprintf("$TTL 60\n@ SOA ns h %d 2 3 4 5\n@ NS ns\nns A 192.0.2.%d\nns A 192.0.2.1%d\n", i, i, i))
		if err := s.Update(func(d *Draft) error { d.SetZone(versions[i]); return nil }); err != nil {
			t.Fatal(err)
		}
		body, _ := ask(s.Current(), "ns.example.org", rr.TypeA)
		answers[body] = true
	}
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if body, out := ask(s.Current(), "ns.example.org", rr.TypeA); !answers[body] || out.Answer != 2 {
						t.Errorf("got %q", body)
						return
					}
				}
			}
		})
	}
	for i := range 500 {
		if err := s.Update(func(d *Draft) error { d.SetZone(versions[i%2]); return nil }); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	readers.Wait()
}
