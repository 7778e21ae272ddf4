package acme

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"tinycdn/webserver/webservertest"
)

// An authority that does not answer any more must not keep a record in a zone.
func TestNoRecordWaitsForAnAuthority(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
	k := newKit(t, n, a)
	n.fault = errors.New("no nameserver answers")
	names := manyNames(10)
	var lock sync.Mutex
	var left []int // records, whenever it is told that one will not be proved
	before(a, "/authZ/", func(w http.ResponseWriter, _ *http.Request) bool {
		n.lock.Lock()
		have, proving := len(n.records), len(n.shown) > 0
		n.lock.Unlock()
		lock.Lock()
		defer lock.Unlock()
		if proving {
			left = append(left, have)
		}
		return false
	})
	if _, err := k.want(t, names...); err == nil {
		t.Error("there is a certificate")
	}
	if len(left) < len(names) || slices.Max(left) != 0 { // some are told again: the authority refuses nonces by chance
		t.Errorf("it was told of %d of %d names, while there were left %v", len(left), len(names), left)
	}
}

// Between orders are weeks: what one took is given back, and the next one trusts whom the file names then.
func TestNothingOfAnOrderStays(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
	k := newKit(t, n, a)
	rests := 0
	k.Rest = func() { rests++ }
	good, err := os.ReadFile(k.config.Roots)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		roots []byte
		want  string
	}{{good, ""}, {[]byte("none"), "holds no certificate in PEM"}, {good, ""}} {
		if err := os.WriteFile(k.config.Roots, c.roots, 0o600); err != nil {
			t.Fatal(err)
		}
		k.Set(&k.config, []Wanted{{"site", []string{zone}}})
		k.Renew(nil)
		k.turn(t.Context())
		if _, err := k.leaf(); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("got %v, want %s", err, c.want)
		}
		if len(k.clients) != 0 || rests != i+1 {
			t.Errorf("%d authorities are known still; told %d times of %d orders", len(k.clients), rests, i+1)
		}
	}
	k.turn(t.Context())
	if len(k.clients) != 0 || rests != 3 {
		t.Errorf("where nothing was ordered: %d authorities are known, told %d times", len(k.clients), rests)
	}
}
