package health

import (
	"crypto/x509"
	"net/netip"
	"testing"
	"time"
)

// BenchmarkLook is a look at pages over TLS, both sides of it in one process.
func BenchmarkLook(b *testing.B) {
	now := time.Now()
	cert := certificate(b, "example.org", now.Add(-time.Hour), now.Add(time.Hour))
	roots := x509.NewCertPool()
	roots.AddCert(cert.Leaf)
	p := &Prober{Roots: roots}
	s := &Spot{
		Target: Target{"syd", Pages4}, Addrs: []netip.AddrPort{web(b, &cert, says(200, "", own))}, Timeout: 20 * time.Second,
		Page: &Page{Host: "example.org", Path: OwnPage, Own: true, Secure: true},
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := p.Look(b.Context(), s); r.Why != "" {
			b.Fatal(r.Why)
		}
	}
}

// BenchmarkJudge is what a POP of three does each second: the rule, and what it says.
func BenchmarkJudge(b *testing.B) {
	s := begin(b, "nyc", "fra", "syd")
	for i := range s.b.Members {
		s.b.Members[i].Checks = Of(Pages4, Pages6, DNS4, DNS6)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.state, _ = s.state.Agree(s.now, &s.b)
		s.state.Standings(s.b.Members)
		s.b.Heard["nyc"].Encode()
	}
}
