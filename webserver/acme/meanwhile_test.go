package acme

import (
	"net/http"
	"strings"
	"testing"
)

// What others say while an order is under way is newer than what that began with, and stays whatever becomes of it.
func TestWhatComesMeanwhileStays(t *testing.T) {
	t.Parallel()
	k, a, _ := certified(t)
	other := newKit(t, k.names, a)
	other.Set(&other.config, []Wanted{{"site", []string{zone}}})
	other.Take(k.Bundle())
	if err := other.Rekey(t.Context()); err != nil {
		t.Fatal(err)
	}
	other.turn(t.Context())
	newer := other.Bundle()
	newer.Version.Term += 2
	before(a, "/order-plz", func(w http.ResponseWriter, r *http.Request) bool {
		if err := k.Rekey(t.Context()); err == nil || !strings.Contains(err.Error(), "a certificate is being ordered: try it again in a minute") {
			t.Errorf("while a certificate is ordered: %v", err)
		}
		k.Take(newer)
		return problem(w, http.StatusForbidden, "unauthorized", "the key is not the account's")
	})
	k.Renew(nil)
	k.turn(t.Context())
	have, want := k.Bundle(), newer
	if have.Accounts[a.Directory].Key != want.Accounts[a.Directory].Key {
		t.Error("the account has the key that it had before")
	}
	if c := have.Certificates["site"]; c.Chain != want.Certificates["site"].Chain || c.Failures != 0 {
		t.Errorf("it is the one that came meanwhile: %v, %d failures", c.Chain == want.Certificates["site"].Chain, c.Failures)
	}
	a.Before.Store(nil)
	k.Renew(nil)
	k.turn(t.Context())
	if _, err := k.leaf(); err != nil {
		t.Errorf("after that: %v", err)
	}
}

// That somebody asks for a certificate while one is ordered that does not come is not forgotten.
func TestARenewalThatIsAskedForMeanwhileIsNotForgotten(t *testing.T) {
	t.Parallel()
	k, a, _ := certified(t)
	k.lock.Lock()
	began := *k.certificate("site")
	k.lock.Unlock()
	k.Renew(nil)
	k.settle(Wanted{"site", []string{zone}}, &Account{Directory: a.Directory}, nil, &k.config, &began, nil, http.ErrHandlerTimeout, k.Now())
	if c := k.Bundle().Certificates["site"]; !c.Asked || c.Failures != 1 {
		t.Errorf("asked for: %v, %d failures", c.Asked, c.Failures)
	}
}

// No order begins while an account gets another key: it would begin with the old one.
func TestNoOrderBeginsWhileAnAccountGetsAnotherKey(t *testing.T) {
	t.Parallel()
	k, a, _ := certified(t)
	held := false
	before(a, "/rollover-account-key", func(http.ResponseWriter, *http.Request) bool {
		select {
		case k.accounts <- struct{}{}:
			<-k.accounts
		default:
			held = true
		}
		return false
	})
	if err := k.Rekey(t.Context()); err != nil || !held {
		t.Errorf("got %v; an order waits: %v", err, held)
	}
}
