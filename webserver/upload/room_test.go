package upload

import (
	"fmt"
	"net/netip"
	"testing"
)

// fill takes as much as there is, in pieces.
func fill(s *Share) (n int64) {
	for s.take(1 << 10) {
		n += 1 << 10
	}
	return n
}

func TestThereIsRoomForOneMore(t *testing.T) {
	t.Parallel()
	var r Room
	var all []*Share
	one := r.Share("one", netip.MustParseAddr("192.0.2.1"))
	if got := fill(one); got < mostHeld/11 || got > mostHeld/10 {
		t.Errorf("a visitor alone has %d, want an eighth of what is left", got)
	}
	all = append(all, one)
	for i := range 100 {
		s := r.Share("one", netip.MustParseAddr(fmt.Sprintf("2001:db8:0:%x::1", i)))
		if fill(s) < KeptBytes && i < 16 {
			t.Fatalf("there is no room for the %d. visitor of a site", i+2)
		}
		all = append(all, s)
	}
	if r.Held() > mostHeld/2 {
		t.Errorf("one site has %d", r.Held())
	}
	other := r.Share("two", netip.MustParseAddr("192.0.2.1"))
	if got := fill(other); got < mostHeld/20 {
		t.Errorf("another site finds %d", got)
	}
	neighbour := r.Share("two", netip.MustParseAddr("::ffff:192.0.2.1"))
	if neighbour.take(1 << 10) {
		t.Error("the same address in another form has room of its own")
	}
	for _, s := range append(all, other, neighbour) {
		s.release()
		s.release()
	}
	if r.Held() != 0 || len(r.sites) != 0 || len(r.clients) != 0 {
		t.Errorf("what is left: %d, %v, %v", r.Held(), r.sites, r.clients)
	}
}
