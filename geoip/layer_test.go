package geoip

import (
	"net/netip"
	"testing"
)

func TestTheLongestPrefixOfALayerWins(t *testing.T) {
	t.Parallel()
	var prefixes []netip.Prefix
	for _, s := range []string{"10.0.0.255/32", "10.0.0.0/8", "10.0.0.0/24", "10.0.0.0/24", "0.0.0.0/0", "255.255.255.255/32", "10.0.0.0/32"} {
		prefixes = append(prefixes, netip.MustParsePrefix(s))
	}
	l := newLayer(prefixes)
	at := addr{}
	for _, want := range []struct {
		index int
		last  string
	}{
		{4, "9.255.255.255"}, {6, "10.0.0.0"}, {2, "10.0.0.254"}, {0, "10.0.0.255"}, {1, "10.255.255.255"}, {4, "255.255.255.254"}, {5, "255.255.255.255"},
	} {
		index, last := l.find(at)
		if index != want.index || last.netip(true).String() != want.last {
			t.Fatalf("from %v: got prefix %d until %v, want %d until %s", at.netip(true), index, last.netip(true), want.index, want.last)
		}
		at = last.next()
	}
	if index, last := newLayer(nil).find(addr{}); index != -1 || last != lastAddr {
		t.Errorf("without prefixes: got %d until %v", index, last)
	}
}
