package channel

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// TestWhoIsBusyIsWaitedFor at an address whose machine takes connections. At one where nobody does, the next is tried sooner.
func TestWhoIsBusyIsWaitedFor(t *testing.T) {
	t.Parallel()
	own, friend := roster.NewKey(), roster.NewKey()
	dead, busy, good := netip.MustParseAddrPort("192.0.2.1:443"), netip.MustParseAddrPort("192.0.2.2:443"), netip.MustParseAddrPort("192.0.2.3:443")
	for name, c := range map[string]struct {
		addresses []netip.AddrPort
		busy      time.Duration // how long it takes to shake hands at the second address
		took      time.Duration
		wrong     string
	}{
		"has much to do":        {[]netip.AddrPort{busy, good}, 9 * time.Second, 9 * time.Second, ""},
		"has too much to do":    {[]netip.AddrPort{busy}, 11 * time.Second, 10 * time.Second, "192.0.2.2:443 takes connections, and says nothing within 10s"},
		"is not there":          {[]netip.AddrPort{dead}, 0, 5 * time.Second, "192.0.2.1:443 does not answer within 5s"},
		"is somewhere else too": {[]netip.AddrPort{dead, busy, good}, time.Minute, 15 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				config, err := ServerConfig(own, func(k roster.Key) bool { return k == friend.Public() })
				if err != nil {
					t.Fatal(err)
				}
				var work sync.WaitGroup
				defer work.Wait()
				connect := func(ctx context.Context, address string) (net.Conn, error) {
					if address == dead.String() {
						<-ctx.Done()
						return nil, ctx.Err()
					}
					near, far := net.Pipe()
					work.Go(func() {
						defer far.Close()
						if address == busy.String() {
							time.Sleep(c.busy)
						}
						if secure := tls.Server(far, config); secure.HandshakeContext(t.Context()) == nil {
							secure.Read(make([]byte, 1)) // until the other side hangs up
						}
					})
					return near, nil
				}
				begin := time.Now()
				conn, err := dialAny(t.Context(), connect, friend, roster.POP{Key: own.Public(), Addresses: c.addresses})
				wrong := ""
				if err != nil {
					wrong = err.Error()
				} else {
					conn.Close()
				}
				if took := time.Since(begin); wrong != c.wrong || took != c.took {
					t.Errorf("after %v: %q, want %q after %v", took, wrong, c.wrong, c.took)
				}
			})
		})
	}
}
