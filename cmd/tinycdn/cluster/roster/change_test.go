package roster

import (
	"net/netip"
	"testing"
)

func TestAPublisherComesAndGoes(t *testing.T) {
	t.Parallel()
	owner, ci := NewKey(), NewKey()
	r := &Roster{Version: 1, Owner: owner.Public(), POPs: []POP{{Name: "nyc", Key: NewKey().Public(), Addresses: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:443")}}}}
	with, err := r.With(Publisher{Name: "ci", Key: ci.Public(), May: []Right{Publish}})
	if err != nil || !with.Signed(ci.Public(), 7) || r.Signed(ci.Public(), 7) {
		t.Fatalf("%+v, %v", with, err)
	}
	for _, name := range []string{"ci", "nyc", "owner", "Ci", ""} {
		if _, err := with.With(Publisher{Name: name, May: []Right{Publish}}); err == nil {
			t.Errorf("%q is taken as a name", name)
		}
	}
	if _, err := r.With(Publisher{Name: "me", Paths: []string{"/etc/**"}}); err == nil {
		t.Error("a path from the root is taken")
	}
	without, err := with.WithoutPublisher("ci", 5)
	if err != nil || !without.Signed(ci.Public(), 4) || without.Signed(ci.Public(), 5) {
		t.Errorf("%+v, %v", without, err)
	}
	if _, err := without.WithoutPublisher("ci", 5); err == nil {
		t.Error("who is gone goes again")
	}
	if _, err := Read(without.Marshal(owner)); err != nil {
		t.Error(err)
	}
}
