package acme

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const day24 = 24 * time.Hour

// paper is an authority that issues at once, in whatever time it is: only when it is asked is what tests hold here.
type paper struct {
	key    crypto.Signer
	life   time.Duration
	down   func() error // why it does not answer; nil: it does
	ari    bool
	begun  func() // called when an order is placed, and
	issued func() // when a certificate is made
	orders int
	rest   time.Time
	last   *x509.Certificate
}

func newPaper(life time.Duration) *paper {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return &paper{key: key, life: life, ari: true, down: func() error { return nil }, begun: func() {}, issued: func() {}}
}

func (p *paper) obtain(ctx context.Context, a *Account, o *order) (string, string, error) {
	a.URL = "https://paper.test/1"
	if err := p.down(); err != nil {
		return "", "", err
	}
	p.begun()
	if err := o.solver.Await(ctx, o.names[0], ""); err != nil {
		return "", "", err
	}
	time.Sleep(20 * time.Second)
	if ctx.Err() != nil {
		return "", "", ctx.Err()
	}
	p.orders++
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(int64(p.orders)), DNSNames: o.names, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(p.life)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, o.key.Public(), p.key)
	if err != nil {
		return "", "", err
	}
	p.last, _ = x509.ParseCertificate(der)
	p.issued()
	if ctx.Err() != nil {
		return "", "", ctx.Err()
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), "dns-01", nil
}

func (p *paper) window(context.Context, *x509.Certificate) (start, end, ask time.Time, page string, err error) {
	if err := p.down(); err != nil || !p.ari {
		return start, end, ask, "", err
	}
	begin := p.last.NotBefore.Add(p.life / 3 * 2)
	return begin, begin.Add(day24), time.Now().Add(askWindow), "", nil
}

func (p *paper) revoke(context.Context, *Account, *Certificate, int) error { return nil }
func (p *paper) rekey(context.Context, *Account) error                     { return nil }
func (p *paper) busy() time.Time                                           { return p.rest }
func (p *paper) hangUp()                                                   {}

// awaiting are proofs that are there, or not.
type awaiting struct {
	fault   error
	refused int
}

func (a *awaiting) Ours(string) bool                              { return true }
func (a *awaiting) Present(context.Context, string, string) error { return nil }
func (a *awaiting) Withdraw(string, string)                       {}
func (a *awaiting) Await(context.Context, string, string) error {
	if a.fault != nil {
		a.refused++
	}
	return a.fault
}
func (a *awaiting) Standing(string) []string                        { return nil }
func (a *awaiting) Texts(context.Context, string) ([]string, error) { return nil, nil }

func (p *paper) manager(t *testing.T, folder string, dns DNS) *Manager {
	m := New(Options{Folder: folder, DNS: dns, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	m.Serve = func() { m.Pairs() }
	m.dial = func(string) (authority, error) { return p, nil }
	return m
}

// Three POPs share what they know. The first of them that lives orders, ten minutes after another has died; the first is dead every
// second month, twice just when it orders. The authority is down for a week, just when it is needed, and a nameserver is stale for a day, from
// when it is asked for the record of an order.
func TestTwoYearsWithoutALapse(t *testing.T) {
	t.Parallel()
	for _, ari := range []bool{true, false} {
		t.Run(fmt.Sprint("window ", ari), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { twoYears(t, ari) })
		})
	}
}

func twoYears(t *testing.T, ari bool) {
	p, dns := newPaper(45*day24), new(awaiting)
	p.ari = ari
	begin := time.Now()
	since := func() time.Duration { return time.Since(begin) }
	turnedAway, stale := 0, time.Duration(0)
	p.down = func() error {
		if in(since(), 60, 67) {
			turnedAway++
			return errors.New("dial tcp: connection refused")
		}
		return nil
	}
	wanted := []Wanted{{"site", []string{"example.org", "*.example.org"}}}
	var pops [3]*Manager
	var alive [3]atomic.Bool // whoever orders may be killed by what it does
	for i := range pops {
		alive[i].Store(true)
		pops[i] = p.manager(t, filepath.Join(t.TempDir(), "acme"), dns)
		pops[i].Changed = func(b Bundle) {
			for j, other := range pops {
				if j != i && alive[j].Load() {
					go other.Take(b)
				}
			}
		}
		pops[i].Set(&Config{}, wanted)
	}
	orderer, stop, crashed := -1, func() {}, new(atomic.Bool)
	var running chan struct{}
	lead := func() { // who orders, as the front door settles it
		first := 0
		for !alive[first].Load() {
			first++
		}
		if first == orderer && !crashed.Load() {
			return
		}
		crashed.Store(false)
		if orderer >= 0 {
			stop()
			<-running
		}
		ctx, cancel := context.WithCancel(t.Context())
		orderer, stop, running = first, cancel, make(chan struct{})
		done := running
		go func() { defer close(done); pops[first].Run(ctx) }()
	}
	killed := 0
	kill := func(at bool) {
		if orderer == 0 && at {
			killed++
			alive[0].Store(false)
			crashed.Store(true)
			stop()
		}
	}
	p.issued = func() { kill(killed == 0 && p.orders >= 3) } // the authority has made it, and nobody has it
	p.begun = func() {
		kill(killed == 1 && p.orders >= 10)
		if p.orders == 5 && stale == 0 {
			stale, dns.fault = since(), errors.New("ns2 answers without the record")
		}
	}
	lapses := 0
	for since() < 730*day24 {
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		dead := int(since()/(30*day24))%2 == 1
		if dead == alive[0].Load() {
			alive[0].Store(!dead)
			if !dead { // it is back, and asks what it has missed
				pops[0].Take(pops[1].Bundle())
			}
		}
		if dns.fault != nil && since() >= stale+day24 {
			dns.fault = nil
		}
		lead()
		synctest.Wait()
		for i, m := range pops {
			c := m.Bundle().Certificates["site"]
			if alive[i].Load() && since() > time.Hour && (c == nil || c.leaf == nil || time.Now().After(c.leaf.NotAfter)) {
				lapses++
			}
		}
	}
	stop()
	<-running
	synctest.Wait()
	// 45 days, renewed after two thirds: every 30 days, the first included.
	if most := 730/30 + 1 + 2; lapses > 0 || p.orders > most || p.orders < 730/45 {
		t.Errorf("%d lapses, %d orders; at most %d", lapses, p.orders, most)
	}
	if killed != 2 || turnedAway < 5 || dns.refused < 3 {
		t.Errorf("the orderer was killed %d times in the midst of an order; %d tries while the authority was down, %d while a nameserver was stale", killed, turnedAway, dns.refused)
	}
}

func in(since time.Duration, from, to int) bool {
	return since >= time.Duration(from)*day24 && since < time.Duration(to)*day24
}

func TestFailuresAreTriedAgainAfterLongerAndLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaper(45 * day24)
		begin := time.Now()
		var tries []time.Duration
		p.down = func() error {
			tries = append(tries, time.Since(begin).Round(time.Second))
			return errors.New("down")
		}
		m := p.manager(t, filepath.Join(t.TempDir(), "acme"), new(awaiting))
		m.Set(&Config{}, []Wanted{{"site", []string{"example.org"}}})
		ctx, stop := context.WithTimeout(t.Context(), day24)
		defer stop()
		m.Run(ctx)
		minutes := []int{0, 1, 6, 21, 81, 261, 621, 981, 1341}
		var want []time.Duration
		for _, n := range minutes {
			want = append(want, time.Duration(n)*time.Minute)
		}
		if !slices.Equal(tries, want) {
			t.Errorf("got %v, want %v", tries, want)
		}
	})
}
