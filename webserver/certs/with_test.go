package certs

import (
	"crypto/tls"
	"os"
	"testing"
)

func TestCertificatesWithoutFilesStandBesideThoseWithSome(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	files := load(k.pair("c", wish{names: []string{"files.test"}})).Value
	pair := k.pair("o", wish{names: []string{"ordered.test", "*.ordered.test"}})
	chain, _ := os.ReadFile(pair.Chain)
	key, _ := os.ReadFile(pair.Key)
	list := []PEM{{"site", string(chain), string(key)}, {"nonsense", "x", "y"}}
	for _, c := range []struct {
		what      string
		store     *Store
		list      []PEM
		wanted    int
		has       []string
		hasNot    []string
		isWanted  bool
		expiries  int
		unchanged bool
	}{
		{"none wanted", files, nil, 0, []string{"files.test"}, []string{"ordered.test"}, true, 1, true},
		{"none there yet", None(0), nil, 1, nil, []string{"files.test", "ordered.test"}, true, 0, false},
		{"beside files", files, list, 2, []string{"files.test", "ordered.test", "www.ordered.test"}, []string{"other.test"}, true, 2, false},
		{"alone", nil, list, 2, []string{"ordered.test"}, []string{"files.test"}, true, 1, false},
	} {
		got := c.store.With(c.list, c.wanted)
		for _, host := range c.has {
			if !got.Covers(host) {
				t.Errorf("%s: %s is not covered", c.what, host)
			}
		}
		for _, host := range c.hasNot {
			if got.Covers(host) {
				t.Errorf("%s: %s is covered", c.what, host)
			}
		}
		if got.Wanted() != c.isWanted || len(got.Expiries()) != c.expiries || (got == c.store) != c.unchanged {
			t.Errorf("%s: wanted %v, %d certificates, the same store: %v", c.what, got.Wanted(), len(got.Expiries()), got == c.store)
		}
	}
	greet(t, files.With(list, 2), false, &tls.Config{ServerName: "www.ordered.test"})
	if len(files.Expiries()) != 1 || files.Covers("ordered.test") {
		t.Error("the store itself has changed")
	}
}
