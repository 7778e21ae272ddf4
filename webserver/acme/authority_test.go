package acme

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/webserver/webservertest"
)

// before has an authority answer requests for a path in another way.
func before(a *webservertest.Authority, path string, answer func(w http.ResponseWriter, r *http.Request) bool) {
	f := func(w http.ResponseWriter, r *http.Request) bool {
		return strings.HasPrefix(r.URL.Path, path) && answer(w, r)
	}
	a.Before.Store(&f)
}

// problem answers as RFC 7807 has it.
func problem(w http.ResponseWriter, status int, kind, detail string) bool {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"type":"urn:ietf:params:acme:error:%s","detail":%q,"status":%d}`, kind, detail, status)
	return true
}

func TestACustomerShowsItsKey(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	const secret = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String(), EAB: map[string]string{"kid-1": secret}})
	k := newKit(t, n, a)
	path := filepath.Join(t.TempDir(), "eab.key")
	try := func(id, key string) (err error) {
		if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		k.config.EAB = EAB{ID: id, Key: path}
		k.Set(&k.config, []Wanted{{"site", []string{zone}}})
		k.Renew(nil)
		k.turn(t.Context())
		_, err = k.leaf()
		return err
	}
	for _, c := range []struct{ id, key, want string }{
		{"", "", "it takes only its customers (say acme.eab: the id and the key that it gives for that)"},
		{"kid-1", "no base64!", "acme.eab.key is no key in base64url"},
		{"kid-2", secret, "is not known to the ACME server (unauthorized)"},
		{"kid-1", strings.ToLower(secret), "unauthorized"},
	} {
		if err := try(c.id, c.key); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: got %v, want %s", c.id, c.key, err, c.want)
		}
	}
	if err := try("kid-1", secret); err != nil {
		t.Error(err)
	}
}

func TestAProfileIsAskedFor(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String(), Shortlived: true})
	k := newKit(t, n, a)
	k.config.Profile, k.config.Email = "shortlived", "hostmaster@example.org"
	leaf, err := k.want(t, zone)
	if err != nil || leaf.NotAfter.Sub(leaf.NotBefore) > 7*24*time.Hour {
		t.Fatalf("got %v, %v", leaf, err)
	}
	k.config.Profile = "none such"
	k.Renew(nil)
	k.turn(t.Context())
	if _, err := k.leaf(); err == nil || !strings.Contains(err.Error(), "none such") {
		t.Errorf("got %v", err)
	}
}

func TestNamesWhoseDNSIsElsewhereAreProvedOverHTTP(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	n.ours = func(name string) bool { return name == "www."+zone }
	var k *kit
	asked := atomic.Int32{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.URL.Path, "/.well-known/acme-challenge/")
		asked.Add(1)
		fmt.Fprint(w, k.Token(token))
	})}}
	server.Start()
	t.Cleanup(server.Close)
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String(), HTTPPort: listener.Addr().(*net.TCPAddr).Port})
	k = newKit(t, n, a)
	if _, err := k.want(t, zone, "www."+zone); err != nil {
		t.Fatal(err)
	}
	if asked.Load() == 0 || !reflect.DeepEqual(n.shown, []string{"www." + zone}) {
		t.Errorf("%d tokens were asked for, and records were shown for %v", asked.Load(), n.shown)
	}
	k.solver.tokens.Range(func(token, _ any) bool { t.Errorf("token %v is still answered", token); return true })
}

func TestABadNonceIsTriedAgain(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
	k := newKit(t, n, a)
	var bad atomic.Int32
	before(a, "/order-plz", func(w http.ResponseWriter, r *http.Request) bool {
		if bad.Add(1) > 8 {
			return false
		}
		return problem(w, http.StatusBadRequest, "badNonce", "JWS has an invalid anti-replay nonce")
	})
	if _, err := k.want(t, zone); err != nil {
		t.Error(err)
	}
	before(a, "/order-plz", func(w http.ResponseWriter, r *http.Request) bool {
		return problem(w, http.StatusBadRequest, "badNonce", "JWS has an invalid anti-replay nonce")
	})
	k.Renew(nil)
	k.turn(t.Context())
	if _, err := k.leaf(); err == nil || !strings.Contains(err.Error(), "badNonce") {
		t.Errorf("got %v", err)
	}
}

func TestALimitIsHeededAndTheNextAuthorityAsked(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	first, second := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()}), webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
	k := newKit(t, n, first, second)
	now := time.Now()
	k.now = func() time.Time { return now }
	asked := 0
	before(first, "/order-plz", func(w http.ResponseWriter, r *http.Request) bool {
		asked++
		w.Header().Set("Retry-After", "7200")
		return problem(w, http.StatusTooManyRequests, "rateLimited", "too many certificates already issued for example.org")
	})
	_, err := k.want(t, zone)
	want := nameOf(first.Directory) + ": too many certificates already issued for example.org (rateLimited)"
	if err == nil || err.Error() != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	k.turn(t.Context())
	if asked != 1 || second.Orders() != 0 {
		t.Errorf("it was asked %d times at once, the next %d times", asked, second.Orders())
	}
	now = now.Add(61 * time.Second)
	k.turn(t.Context())
	if _, err := k.leaf(); err != nil || second.Orders() != 1 || asked != 1 {
		t.Errorf("got %v; the first was asked %d times, the second %d", err, asked, second.Orders())
	}
	k.Renew(nil)
	now = now.Add(time.Hour)
	k.turn(t.Context())
	if asked != 1 || second.Orders() != 2 {
		t.Errorf("within the two hours the first was asked %d times, the second %d", asked, second.Orders())
	}
	k.Renew(nil)
	now = now.Add(2 * time.Hour)
	k.turn(t.Context())
	if asked != 2 {
		t.Error("after the two hours the first is not asked again")
	}
}

// The authority has forgotten the account: it is made anew, with the key that there is.
func TestAForgottenAccountIsMadeAnew(t *testing.T) {
	t.Parallel()
	k, a, _ := certified(t)
	k.lock.Lock()
	k.bundle.Accounts[a.Directory].URL += "0"
	k.lock.Unlock()
	k.Renew(nil)
	k.turn(t.Context())
	if _, err := k.leaf(); err != nil {
		t.Error(err)
	}
}

func TestWhatANameserverSaysOfAProofIsSaid(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
	k := newKit(t, n, a)
	n.fault = errors.New("ns2.example.org (192.0.2.2) answers without the record")
	want := nameOf(a.Directory) + ": ns2.example.org (192.0.2.2) answers without the record"
	if _, err := k.want(t, zone); err == nil || err.Error() != want || n.left() != 0 {
		t.Errorf("got %v, %d records left; want %s", err, n.left(), want)
	}
}

func TestRekeyAndRevoke(t *testing.T) {
	t.Parallel()
	k, a, first := certified(t)
	before := *k.Bundle().Accounts[a.Directory]
	if err := k.Rekey(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.turn(t.Context())
	second, err := k.leaf()
	if after := k.Bundle().Accounts[a.Directory]; err != nil || after.Key == before.Key || after.URL != before.URL || second.Equal(first) {
		t.Errorf("got %v; the account has another key: %v, and another certificate: %v", err, after.Key != before.Key, !second.Equal(first))
	}
	if err := k.Revoke(t.Context(), "site", "superseded"); err != nil {
		t.Fatal(err)
	}
	k.turn(t.Context())
	if third, err := k.leaf(); err != nil || third.Equal(second) {
		t.Errorf("got %v", err)
	}
	for _, c := range []struct{ name, reason, want string }{
		{"sites", "superseded", `there is no certificate "sites" (there is: site)`},
		{"site", "whim", `"whim" is no reason to revoke a certificate`},
	} {
		if err := k.Revoke(t.Context(), c.name, c.reason); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
