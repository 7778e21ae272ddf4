package acme

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What is wrong with what an authority gives is said, the certificate from before stays, and no record is left.
func TestNonsenseOfAnAuthorityIsNotTaken(t *testing.T) {
	t.Parallel()
	k, a, first := certified(t)
	key, _, _ := newKey()
	chain := func(names []string, until time.Time) string {
		template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "x"}, DNSNames: names, NotBefore: time.Now().Add(-time.Hour), NotAfter: until}
		der, _ := x509.CreateCertificate(nil, template, template, key.Public(), key)
		return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	give := func(text string) func(w http.ResponseWriter, r *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Content-Type", "application/pem-certificate-chain")
			fmt.Fprint(w, text)
			return true
		}
	}
	html := func(w http.ResponseWriter, r *http.Request) bool { fmt.Fprint(w, "<html>"); return true }
	endless := func(w http.ResponseWriter, r *http.Request) bool {
		for range 64 {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				break
			}
		}
		return true
	}
	for _, c := range []struct {
		path   string
		answer func(w http.ResponseWriter, r *http.Request) bool
		want   string
	}{
		{"/certZ/", give(chain([]string{zone}, time.Now().Add(time.Hour))), "the key does not belong to the certificate"},
		{"/certZ/", give(""), "it gives an empty chain"},
		{"/certZ/", give("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "certificate"},
		{"/certZ/", html, "Content-Type"},
		{"/certZ/", endless, "Content-Type"},
		{"/order-plz", html, ""},
		{"/order-plz", func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(204); return true }, ""},
		{"/authZ/", html, ""},
		{"/authZ/", func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"status":"pending","identifier":{"type":"dns","value":"example.org"},"challenges":[{"type":"tls-alpn-01"}]}`)
			return true
		}, "the authority takes no proof by dns-01 (but by tls-alpn-01)"},
		{"/finalize-order/", func(w http.ResponseWriter, r *http.Request) bool {
			return problem(w, http.StatusForbidden, "caa", "CAA record for example.org prevents issuance")
		}, "CAA record for example.org prevents issuance (caa)"},
	} {
		before(a, c.path, c.answer)
		k.Renew(nil)
		k.turn(t.Context())
		leaf, err := k.leaf()
		if err == nil || !strings.Contains(err.Error(), c.want) || !leaf.Equal(first) || k.names.left() != 0 {
			t.Errorf("%s: got %v, %d records left, another certificate: %v; want %s", c.path, err, k.names.left(), !leaf.Equal(first), c.want)
		}
	}
	a.Before.Store(nil)
	k.Renew(nil)
	k.turn(t.Context())
	if leaf, err := k.leaf(); err != nil || leaf.Equal(first) {
		t.Errorf("got %v", err)
	}
}

func TestWhatIsJudgedOfACertificate(t *testing.T) {
	t.Parallel()
	key, text, err := newKey()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, c := range []struct {
		names       []string
		from, until time.Duration
		want        string
	}{
		{[]string{"a.test", "b.test"}, -time.Hour, time.Hour, ""},
		{[]string{"a.test"}, -time.Hour, time.Hour, "the certificate is for a.test, and not for b.test"},
		{[]string{"a.test", "b.test"}, -2 * time.Hour, -time.Hour, "the certificate has expired on "},
		{[]string{"a.test", "b.test"}, 48 * time.Hour, 72 * time.Hour, "the certificate is not valid before "},
	} {
		template := &x509.Certificate{SerialNumber: big.NewInt(7), DNSNames: c.names, NotBefore: now.Add(c.from), NotAfter: now.Add(c.until)}
		der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		one := &Certificate{Chain: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), Key: text}
		got := judge(one, []string{"a.test", "b.test"}, now)
		if (got == nil) != (c.want == "") || got != nil && !strings.HasPrefix(got.Error(), c.want) {
			t.Errorf("%v: got %v, want %s", c.names, got, c.want)
		}
	}
}
