package acme

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"tinycdn/webserver/webservertest"
)

// overheard is a nameserver of which is known what it was to show.
type overheard struct {
	*nameserver
	values []string
}

func (n *overheard) Present(ctx context.Context, name, value string) error {
	n.values = append(n.values, strings.TrimPrefix(name, challengeOwner)+" "+value)
	return n.nameserver.Present(ctx, name, value)
}

// An authority that is not what it seems orders at another one, which wants the names proved that are ours: with what that one wants to see
// from somebody else it would get certificates for them.
func TestAnAuthorityGetsNoProofForSomebodyElse(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
	k := newKit(t, n, a)
	spy := &overheard{nameserver: n}
	k.solver.DNS = spy
	theirs := "token." + strings.Repeat("A", 43)
	name := zone
	before(a, "/authZ/", func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"status":"pending","identifier":{"type":"dns","value":%q},"challenges":[{"type":"dns-01","status":"pending","url":"%s/nowhere","token":"token","keyAuthorization":%q}]}`, name, a.Directory, theirs)
		return true
	})
	if _, err := k.want(t, zone); err == nil {
		t.Error("there is a certificate")
	}
	hash := sha256.Sum256([]byte(theirs))
	stolen := base64.RawURLEncoding.EncodeToString(hash[:])
	if len(spy.values) != 1 || strings.Contains(spy.values[0], stolen) {
		t.Errorf("got %q, want one that is not %s", spy.values, stolen)
	}
	for _, c := range []string{"www." + zone, "other.example.net", "*." + zone} {
		spy.values, name = nil, c
		k.Renew(nil)
		k.turn(t.Context())
		if _, err := k.leaf(); err == nil || !strings.Contains(err.Error(), "it wants "+c+" proved, which was not ordered") || len(spy.values) > 0 {
			t.Errorf("%q: got %v, %q", c, err, spy.values)
		}
	}
	// More names than were ordered are none of ours, and each would be a change of a zone.
	var asked atomic.Int32
	before(a, "/order-plz", func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		all := strings.Join(slices.Repeat([]string{fmt.Sprintf("%q", a.Directory)}, 1000), ",")
		fmt.Fprintf(w, `{"status":"pending","identifiers":[{"type":"dns","value":%q}],"authorizations":[%s]}`, zone, all)
		asked.Add(1)
		return true
	})
	k.Renew(nil)
	k.turn(t.Context())
	if _, err := k.leaf(); err == nil || !strings.Contains(err.Error(), "it wants 1000 names proved, and 1 were ordered") || asked.Load() != 1 {
		t.Errorf("got %v", err)
	}
}
