package certs

import (
	"crypto/tls"
	"testing"
)

func TestClientGetsTheCertificateForTheHostItNames(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	l := load(
		k.pair("first", wish{names: []string{"first.example"}}),
		k.pair("exact", wish{names: []string{"www.example.org"}}),
		k.pair("wild", wish{names: []string{"*.example.org"}}),
		k.pair("expired", wish{names: []string{"old.example.org"}, from: -2 * day, until: -day}),
		k.pair("lonely", wish{names: []string{"old.example"}, from: -2 * day, until: -day}),
		k.pair("address", wish{names: []string{"127.0.0.1"}}),
	)
	for _, c := range []struct{ host, want, anyHost string }{
		{"www.example.org", "www.example.org", ""},
		{"WWW.Example.ORG", "www.example.org", ""},
		{"other.example.org", "*.example.org", ""},
		{"example.org", refused, "first.example"},     // the wildcard stands for one label, not for none
		{"a.b.example.org", refused, "first.example"}, // nor for two
		{"old.example.org", "*.example.org", ""},
		{"old.example", "old.example", ""},
		{"nobody.example", refused, "first.example"},
		{"", "127.0.0.1", ""},
	} {
		if c.anyHost == "" {
			c.anyHost = c.want
		}
		for anyHost, want := range map[bool]string{false: c.want, true: c.anyHost} {
			if got := greet(t, l.Value, anyHost, &tls.Config{ServerName: c.host}); got != want {
				t.Errorf("%q, any host %v: got %s, want %s", c.host, anyHost, got, want)
			}
		}
	}
}

// TestWhoNamesNoHost gets a certificate that tells nothing of others.
func TestWhoNamesNoHost(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	one, other := k.pair("one", wish{names: []string{"one.example"}}), k.pair("other", wish{names: []string{"other.example"}})
	alike := k.pair("alike", wish{names: []string{"one.example", "www.one.example"}, key: rsaKey()})
	nameless := k.pair("nameless", wish{})
	for _, c := range []struct {
		about         string
		pairs         []Pair
		want, anyHost string
	}{
		{"one certificate", []Pair{one}, "one.example", "one.example"},
		{"two for one host", []Pair{one, alike}, "one.example", "one.example"},
		{"two hosts", []Pair{one, other}, refused, "one.example"},
		{"one without a name", []Pair{nameless}, "CN=self", "CN=self"},
		{"none", nil, refused, refused},
	} {
		store := load(c.pairs...).Value
		for anyHost, want := range map[bool]string{false: c.want, true: c.anyHost} {
			if got := greet(t, store, anyHost, &tls.Config{}); got != want {
				t.Errorf("%s, any host %v: got %s, want %s", c.about, anyHost, got, want)
			}
		}
		if got := greet(t, store, false, &tls.Config{ServerName: "nobody.example"}); got != refused {
			t.Errorf("%s: who names a host of nobody got %s", c.about, got)
		}
	}
}

func TestRequestForAHostOfAnotherCertificateIsMisdirected(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	store := load(
		k.pair("first", wish{names: []string{"first.example"}}),
		k.pair("both", wish{names: []string{"a.example", "b.example", "127.0.0.1"}}),
		k.pair("exact", wish{names: []string{"www.example.org"}}),
		k.pair("wild", wish{names: []string{"*.example.org"}}),
		k.pair("expired", wish{names: []string{"old.example.org"}, from: -2 * day, until: -day}),
		k.pair("again", wish{names: []string{"a.example"}, key: rsaKey()}),
	).Value
	for _, c := range []struct {
		named, host string
		want        bool
	}{
		{"a.example", "a.example", false},
		{"A.example", "b.example", false},
		{"b.example", "a.example", false},
		{"a.example", "first.example", true},
		{"a.example", "nobody.example", false}, // nobody would be shown anything better
		{"x.example.org", "y.example.org", false},
		{"www.example.org", "y.example.org", true},
		{"y.example.org", "www.example.org", false}, // the wildcard is for it too, though not the best
		{"old.example.org", "y.example.org", false},
		{"127.0.0.1", "b.example", false},
		{"127.0.0.1", "first.example", true},
		{"nobody.example", "first.example", false}, // it was shown the first
		{"nobody.example", "a.example", true},
	} {
		if got := store.Misdirects(c.named, c.host); got != c.want {
			t.Errorf("named %s, asked for %s: got %v, want %v", c.named, c.host, got, c.want)
		}
	}
	if new(Store).Misdirects("a", "b") {
		t.Error("without a certificate there is no better one")
	}
}

func TestMisdirectsAllocatesNothing(t *testing.T) {
	k := newKit(t)
	store := load(k.pair("a", wish{names: []string{"a.example", "b.example"}}), k.pair("c", wish{names: []string{"c.example"}})).Value
	if n := testing.AllocsPerRun(1000, func() { store.Misdirects("a.example", "b.example") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestQuickCertificateIsForThoseWhoKnowIt(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	// Their first names tell them apart.
	l := load(
		k.pair("rsa", wish{names: []string{"rsa.example", "example.org"}, key: rsaKey()}),
		k.pair("ecdsa", wish{names: []string{"ecdsa.example", "example.org"}}),
	)
	if got := greet(t, l.Value, false, &tls.Config{ServerName: "example.org"}); got != "ecdsa.example" {
		t.Errorf("a new client got %s", got)
	}
	old := &tls.Config{
		ServerName: "example.org", MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
	}
	if got := greet(t, l.Value, false, old); got != "rsa.example" {
		t.Errorf("an old client got %s", got)
	}
	if got := greet(t, l.Value, true, &tls.Config{ServerName: "nobody.example"}); got != "rsa.example" {
		t.Errorf("who asks for another host got %s", got)
	}
}
