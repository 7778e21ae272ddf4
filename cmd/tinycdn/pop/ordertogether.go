package pop

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/webserver/acme"
)

// certificates is what this POP has to do with the certificates of its cluster.
func (m *member) certificates() cluster.Orders {
	return cluster.Orders{
		Version: func() (cluster.Version, bool) {
			b := m.bundle()
			if b == nil {
				return cluster.Version{}, false
			}
			return cluster.Version(b.Version), true
		},
		Bundle: func() []byte {
			text, err := json.Marshal(m.bundle())
			if err != nil {
				panic("pop: " + err.Error()) // there is nothing in it that cannot be written
			}
			return text
		},
		Take: m.takeBundle,
		Show: func(by string, number uint64, list []cluster.Proof) error {
			p := m.pop.Load()
			if p == nil {
				return errElsewhere
			}
			return p.ordering.proofs.show(by, number, list)
		},
		Token: func(token string) string {
			if p := m.pop.Load(); p != nil {
				return p.ownToken(token)
			}
			return ""
		},
		List: func() ([]byte, error) { return m.pop.Load().certsList() },
		Do: func(ctx context.Context, o cluster.CertsOrder, by string) error {
			return m.pop.Load().doWithCerts(ctx, o, by)
		},
	}
}

// bundle is what is known of certificates; nil: nobody here asks for any, or another process does.
func (m *member) bundle() *acme.Bundle {
	if p := m.pop.Load(); p != nil && !p.standsIn() {
		return p.ordering.bundle.Load()
	}
	return nil
}

// takeBundle takes what another POP knows of certificates.
func (m *member) takeBundle(text []byte) {
	b, err := acme.ParseBundle(text)
	if err != nil {
		m.log.Warn("what another POP knows of certificates cannot be read", "error", err, "effect", "what is known here holds")
		return
	}
	p := m.pop.Load()
	if p == nil || p.orders() == nil || !p.orders().Take(b) {
		return
	}
	p.knows(p.orders().Bundle())
	m.log.Info("what the POPs know of certificates was taken over", "certificates", len(b.Certificates))
}

// knows is told all that is known of certificates by now, for the other POPs.
func (p *POP) knows(b acme.Bundle) {
	p.ordering.bundle.Store(&b)
	p.layStanding()
	if p.member != nil {
		p.member.SayAtOnce()
	}
}

// begins is told what is being ordered from now on.
func (p *POP) begins(name string) {
	p.ordering.underWay.Store(&name)
	if p.member != nil {
		p.member.SayAtOnce()
	}
}

// mostWords are as many as another POP is told of why there is no certificate.
const mostWords = 400

// ordersReport is what the other POPs are told of certificates; nil: nothing.
func (p *POP) ordersReport() *cluster.OrdersReport {
	o := &p.ordering
	b := o.bundle.Load()
	if b == nil {
		return nil
	}
	r := &cluster.OrdersReport{Bundle: cluster.Version(b.Version), Orderer: valueOf(o.orderer.Load()), Ordering: valueOf(o.underWay.Load())}
	if r.Orderer != p.name {
		return r
	}
	first := ""
	for name, c := range b.Certificates {
		if c.Failures > 0 && (first == "" || name < first) {
			first = name
			r.Failing = name + ": " + c.Why[:min(len(c.Why), mostWords)] + "; the next try is at " + utc(c.Next).Format("2006-01-02 15:04:05")
		}
	}
	return r
}

func valueOf(text *string) string { return *cmp.Or(text, new(string)) }

// ownToken is what is answered for a token of an order of this POP; "": it is none.
func (p *POP) ownToken(token string) string {
	if m := p.orders(); m != nil {
		return m.Token(token)
	}
	return ""
}

const (
	// tokenTime is how long the other POPs may take to say what is answered for a token: authorities wait for ten seconds.
	tokenTime = time.Second
	// mostTokens are as many as the others are asked for at a time: an order has a hundred, and its authority some five perspectives, of
	// which few come here.
	mostTokens = 16
)

// token is what is answered for a token of an authority (RFC 8555, 8.3): anybody may ask, and each perspective of an authority asks
// another POP. "": it is none of ours. The others are asked only while one of them orders, and for hosts that a certificate is wanted for:
// one in the wrong hands would get them for all others that are served here.
func (p *POP) token(host, token string) string {
	if text := p.ownToken(token); text != "" || p.member == nil || !isToken(token) {
		return text
	}
	if !p.othersOrder() && !time.Now().Before(p.ordering.handedOver) || !p.ordering.proofs.isWanted(host) {
		return ""
	}
	select {
	case p.ordering.asking <- struct{}{}:
	default:
		return ""
	}
	defer func() { <-p.ordering.asking }()
	ctx, done := context.WithTimeout(context.Background(), tokenTime)
	defer done()
	if text := p.member.AskToken(ctx, token); answers(token, text) {
		return text
	}
	return ""
}

// answers says whether a text can be what is answered for a token: that, and the thumbprint of an account's key (RFC 8555, 8.1).
func answers(token, text string) bool {
	print, ok := strings.CutPrefix(text, token+".")
	return ok && isProof(print)
}

// othersOrder says whether another POP orders just now.
func (p *POP) othersOrder() bool {
	for _, said := range p.member.Said() {
		if said.Report.Orders != nil && said.Report.Orders.Ordering != "" && time.Since(said.Heard) < freshTime {
			return true
		}
	}
	return false
}

// isToken says whether an authority can have made it (RFC 8555, 8.3).
func isToken(token string) bool {
	if len(token) < 22 || len(token) > 256 { // 128 bits, in base64url
		return false
	}
	for _, c := range []byte(token) {
		if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
