package inet

import (
	"net/netip"
	"testing"
)

func TestSubscriberIsAnIPv4AddressOrAnIPv6Network(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ addr, plain, subscriber string }{
		{"192.0.2.7", "192.0.2.7", "192.0.2.7"},
		{"::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"},
		{"2001:db8:1:2:3::7", "2001:db8:1:2:3::7", "2001:db8:1:2::"},
		{"2001:db8:1:2:ffff::", "2001:db8:1:2:ffff::", "2001:db8:1:2::"},
		{"2001:db8:1:3::", "2001:db8:1:3::", "2001:db8:1:3::"},
		{"fe80::1%eth0", "fe80::1", "fe80::"},
	} {
		addr := netip.MustParseAddr(test.addr)
		if got := Plain(addr).String(); got != test.plain {
			t.Errorf("%s: got plain %s, want %s", addr, got, test.plain)
		}
		if got := Subscriber(addr).String(); got != test.subscriber {
			t.Errorf("%s: got subscriber %s, want %s", addr, got, test.subscriber)
		}
	}
	if none := (netip.Addr{}); Plain(none).IsValid() || Subscriber(none).IsValid() {
		t.Errorf("no address: got %v, %v; want none", Plain(none), Subscriber(none))
	}
}
