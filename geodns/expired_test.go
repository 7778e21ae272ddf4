package geodns

import (
	"testing"
	"time"

	"github.com/miekg/dns"

	"tinycdn/zones/zonestest"
)

// TestWhoeverGetsExpiredSignaturesIsTold: by an extended error, where he wants signatures and where there is room.
func TestWhoeverGetsExpiredSignaturesIsTold(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for what, until := range map[string]time.Time{"expired": now.Add(-time.Hour), "valid": now.Add(time.Hour)} {
		text, _ := zonestest.Signer{Inception: now.Add(-48 * time.Hour), Expiration: until}.Sign(t, "example", manyNames())
		r := serving(t, example(t, text))
		told := func(size uint16, do bool) (codes []uint16, octets int) {
			m := question("host12.example.", dns.TypeA)
			m.SetEdns0(size, do)
			msg, err := m.Pack()
			if err != nil {
				t.Fatal(err)
			}
			reply := r.Respond(nil, msg, loopback, false)
			got := new(dns.Msg)
			if err := got.Unpack(reply); err != nil || got.Truncated {
				t.Fatalf("%s: %v %v", what, err, got)
			}
			for _, option := range got.IsEdns0().Option {
				if e, ok := option.(*dns.EDNS0_EDE); ok {
					codes = append(codes, e.InfoCode)
				}
			}
			return codes, len(reply)
		}
		codes, octets := told(1232, true)
		if isTold := len(codes) == 1 && codes[0] == dns.ExtendedErrorCodeSignatureExpired; isTold != (what == "expired") {
			t.Errorf("%s: told %v", what, codes)
		}
		if codes, _ := told(1232, false); len(codes) > 0 {
			t.Errorf("%s: told %v, who wants no signatures", what, codes)
		}
		if octets > 512 {
			t.Errorf("%d octets", octets)
		}
	}
}
