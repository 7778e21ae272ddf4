package acme

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/webserver/webservertest"
)

// Ten bad nonces are no failure that stays: it is said what it was, and the next try gets the certificate.
func TestTenBadNonces(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
	k := newKit(t, n, a)
	now := time.Now()
	k.now = func() time.Time { return now }
	var bad atomic.Int32
	before(a, "/order-plz", func(w http.ResponseWriter, r *http.Request) bool {
		return bad.Add(1) <= 10 && problem(w, http.StatusBadRequest, "badNonce", "JWS has an invalid anti-replay nonce")
	})
	_, err := k.want(t, zone)
	for tries := 0; err != nil && tries < 3; tries++ {
		if !strings.Contains(err.Error(), "JWS has an invalid anti-replay nonce (badNonce)") {
			t.Errorf("got %v", err)
		}
		now = now.Add(6 * time.Minute)
		k.turn(t.Context())
		_, err = k.leaf()
	}
	if err != nil || bad.Load() <= 10 || a.Orders() != 1 || n.left() != 0 {
		t.Errorf("got %v after %d requests, %d orders, %d records left", err, bad.Load(), a.Orders(), n.left())
	}
}

// Who is the only authority is left alone as long as it says, in seconds or as a date, and longer than the schedule has it; a time of years
// is a clock that is wrong, and not waited for.
func TestTheOnlyAuthorityIsLeftAloneAsLongAsItSays(t *testing.T) {
	t.Parallel()
	n := newNameserver(t)
	begin := time.Now()
	for what, c := range map[string]struct {
		field string
		wait  time.Duration
	}{
		"seconds":  {"7200", 2 * time.Hour},
		"a date":   {begin.Add(3 * time.Hour).UTC().Format(http.TimeFormat), 3 * time.Hour},
		"nonsense": {"soon", time.Minute},
		"nothing":  {"", time.Minute},
		"the past": {begin.Add(-time.Hour).UTC().Format(http.TimeFormat), time.Minute},
		"years":    {"999999999", time.Minute},
	} {
		a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
		k := newKit(t, n, a)
		now := begin
		k.now = func() time.Time { return now }
		asked := 0
		before(a, "/order-plz", func(w http.ResponseWriter, r *http.Request) bool {
			if asked++; asked > 1 {
				return false
			}
			w.Header().Set("Retry-After", c.field)
			return problem(w, http.StatusTooManyRequests, "rateLimited", "too many")
		})
		k.want(t, zone)
		now = now.Add(c.wait - 10*time.Second)
		k.turn(t.Context())
		if asked != 1 {
			t.Errorf("%s: it is asked again before", what)
		}
		now = now.Add(2 * time.Minute)
		k.turn(t.Context())
		if _, err := k.leaf(); err != nil || asked < 2 { // of what it answers one in twenty is a bad nonce
			t.Errorf("%s: asked %d times: %v", what, asked, err)
		}
	}
}

// A clock that is years off is named, where nothing else would tell: the authority's own certificate is not valid then.
func TestAWrongClockIsNamed(t *testing.T) {
	t.Parallel()
	expired := &url.Error{Op: "Get", URL: "https://ca.test/dir", Err: x509.CertificateInvalidError{Cert: new(x509.Certificate), Reason: x509.Expired, Detail: "current time 1970-01-01T00:00:00Z is before 2026-01-01T00:00:00Z"}}
	if got := words(fmt.Errorf("provisioning client: performing request: %w", expired)); !strings.HasSuffix(got, "current time 1970-01-01T00:00:00Z is before 2026-01-01T00:00:00Z (is the clock right?)") || strings.Contains(got, "provisioning") {
		t.Errorf("got %s", got)
	}
	n := newNameserver(t)
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
	for _, off := range []time.Duration{-10 * 365 * day24, 10 * 365 * day24} {
		k := newKit(t, n, a)
		k.now = func() time.Time { return time.Now().Add(off) }
		if _, err := k.want(t, zone); err == nil || !strings.HasSuffix(err.Error(), "(is the clock right?)") {
			t.Errorf("off by %v: got %v", off, err)
		}
		k.now = time.Now
		k.turn(t.Context())
		if _, err := k.leaf(); err != nil {
			t.Errorf("once it is right again: %v", err)
		}
	}
}
