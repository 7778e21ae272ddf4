package acme

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/webservertest"

	"github.com/mholt/acmez/v3/acme"
)

// persistent is a manager whose records stand as soon as it knows its account, as at a POP.
func persistent(t *testing.T) (*kit, *nameserver, *webservertest.Authority) {
	t.Helper()
	n := newNameserver(t)
	a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
	k := newKit(t, n, a)
	k.config.Challenge = "dns-persist-01"
	return k, n, a
}

// follow has the nameserver show what is to stand for these names.
func (k *kit) follow(names ...string) {
	k.Changed = func(b Bundle) {
		k.names.stand(Standing(&b, &k.config, []Wanted{{"site", names}}), nil)
	}
}

func TestARecordThatStaysProvesApexAndWildcardAgainAndAgain(t *testing.T) {
	t.Parallel()
	k, n, a := persistent(t)
	names := []string{zone, "*." + zone, "www." + zone}
	k.follow(names...)
	first, err := k.want(t, names...)
	if err != nil {
		t.Fatal(err)
	}
	account := k.Bundle().Accounts[a.Directory]
	want := []string{"pebble.test; accounturi=" + account.URL + "; policy=wildcard"}
	if got := n.Standing(persistOwner + zone); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := n.Standing(persistOwner + "www." + zone); len(got) != 1 || strings.Contains(got[0], "wildcard") {
		t.Errorf("got %q", got)
	}
	status := k.List()[0]
	if status.Method != "dns-persist-01" || len(status.Paste) > 0 || len(n.shown) > 0 {
		t.Errorf("got %+v; other records were shown for %v", status, n.shown)
	}
	k.restart()
	k.follow(names...)
	k.Set(&k.config, []Wanted{{"site", names}})
	k.Renew(nil)
	k.turn(t.Context())
	if second, err := k.leaf(); err != nil || second.Equal(first) || len(n.shown) > 0 {
		t.Errorf("again: %v, another certificate: %v; %v", err, !second.Equal(first), n.shown)
	}
	k.config.Challenge = "dns-01"
	last := k.Bundle()
	if got := Standing(&last, &k.config, []Wanted{{"site", names}}); len(got) > 0 {
		t.Errorf("it is not wanted any more, and stands: %v", got)
	}
}

// The names' DNS is elsewhere: their owner pastes the record, which is told.
func TestARecordThatIsPastedElsewhereIsProof(t *testing.T) {
	t.Parallel()
	k, n, a := persistent(t)
	n.ours = func(string) bool { return false }
	_, err := k.want(t, "*."+zone)
	account := k.Bundle().Accounts[a.Directory]
	good := "pebble.test; accounturi=" + account.URL + "; policy=wildcard"
	line := "_validation-persist.example.org. TXT \"" + good + "\""
	if err == nil || !strings.Contains(err.Error(), "*.example.org: its DNS is elsewhere: put there "+line+" (there is none)") {
		t.Errorf("got %v, want %s", err, line)
	}
	if got := k.List()[0].Paste; len(got) != 1 || got[0] != line {
		t.Errorf("got %q, want %s", got, line)
	}
	for _, c := range []struct{ text, want string }{
		{strings.Replace(good, "/my-account/", "/other/", 1), "(of the one that is there, the account is "},
		{strings.TrimSuffix(good, "; policy=wildcard"), "(of the one that is there, policy=wildcard is missing)"},
		{good + "; persistUntil=1000000000", "(of the one that is there, persistUntil was 2001-09-09 01:46:40)"},
		{good + "; persistUntil=soon", `(of the one that is there, persistUntil is "soon": it counts seconds since 1970)`},
		{good + ";", "(of the one that is there, there is a semicolon too many)"},
		{strings.Replace(good, "pebble.test", "ca.example", 1), "(there is none)"},
		{good + fmt.Sprint("; persistUntil=", time.Now().Add(time.Hour).Unix()), ""},
	} {
		n.stand(nil, []Record{{persistOwner + zone, "v=spf1 -all"}, {persistOwner + zone, c.text}})
		k.Renew(nil)
		k.turn(t.Context())
		if _, err := k.leaf(); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %s", c.text, err, c.want)
		}
	}
	// Nobody said how: where the owner of a zone elsewhere has put the record, that is taken.
	k.config.Challenge = ""
	for again := true; again; again = k.List()[0].Method == "" { // the authority takes what it has seen for known half of the time
		k.Renew(nil)
		k.turn(t.Context())
	}
	if _, err := k.leaf(); err != nil || k.List()[0].Method != "dns-persist-01" || len(n.shown) > 0 {
		t.Errorf("got %v, %+v, shown: %v", err, k.List()[0], n.shown)
	}
}

// What one authority says of our account with it must be no other's: by a record that stays that one's customer could order.
func TestARecordThatStaysNamesNoAccountElsewhere(t *testing.T) {
	t.Parallel()
	const directory = "https://ca.test:14000/dir"
	c := &Config{CA: []string{directory}, Challenge: "dns-persist-01"}
	o := &order{names: []string{zone}, config: c, solver: &solver{DNS: newNameserver(t)}, keep: func(*Account) {}, now: time.Now}
	authorization := acme.Authorization{Identifier: acme.Identifier{Type: "dns", Value: zone}, Challenges: []acme.Challenge{{Type: "dns-persist-01", IssuerDomainNames: []string{"other.test"}}}}
	for at, want := range map[string]bool{
		"https://ca.test:14000/acct/1": true,
		"https://ca.test/acct/1":       false,
		"https://other.test/acct/1":    false,
		"https://other.test/dir;@/1":   false,
		"http://ca.test:14000/acct/1":  false,
		":":                            false,
	} {
		a := &Account{Directory: directory, URL: at, Issuer: "other.test"}
		b := &Bundle{Accounts: map[string]*Account{directory: a}}
		if got := len(Standing(b, c, []Wanted{{"site", []string{zone}}})) > 0; got != want {
			t.Errorf("%s: a record stands: %v, want %v", at, got, want)
		}
		err := o.persist(t.Context(), &proof{authorization: authorization, challenge: authorization.Challenges[0]}, a)
		if got := err == nil || !strings.Contains(err.Error(), "an account that is not with it: "+at); got != want {
			t.Errorf("%s: got %v", at, err)
		}
	}
}

// Where a record that stays is not taken, or not there, it is the usual proof, if there is one.
func TestTheUsualProofIsThereWhereNoRecordThatStaysIs(t *testing.T) {
	t.Parallel()
	all := []string{"http-01", "dns-01", "dns-persist-01"}
	for _, c := range []struct {
		challenge string
		takes     []string
		wildcard  bool
		ours      bool
		want      string
	}{
		{"dns-persist-01", all[:2], false, true, "dns-01"},
		{"dns-persist-01", all[:2], false, false, "http-01"},
		{"dns-persist-01", all[:2], true, true, "dns-01"},
		{"dns-persist-01", all, false, false, "http-01"},
		{"dns-persist-01", all, true, false, "*.example.org: its DNS is elsewhere: put there _validation-persist.example.org. TXT \"ca.test; accounturi=https://ca.test/1; policy=wildcard\" (there is none)"},
		{"auto", all, true, false, "*.example.org: its DNS is elsewhere: put there _validation-persist.example.org. TXT \"ca.test; accounturi=https://ca.test/1; policy=wildcard\" (there is none)"},
		{"auto", all, false, true, "dns-01"},
		{"auto", all, false, false, "http-01"},
		{"dns-01", all, false, true, "dns-01"},
		{"dns-persist-01", []string{"tls-alpn-01"}, false, false, "example.org: the authority takes no proof by http-01 (but by tls-alpn-01)"},
	} {
		n := newNameserver(t)
		n.ours = func(string) bool { return c.ours }
		o := &order{names: []string{zone, "*." + zone}, config: &Config{Challenge: c.challenge}, solver: &solver{DNS: n}, keep: func(*Account) {}, now: time.Now}
		authorization := acme.Authorization{Identifier: acme.Identifier{Type: "dns", Value: zone}, Wildcard: c.wildcard}
		for _, kind := range c.takes {
			authorization.Challenges = append(authorization.Challenges, acme.Challenge{Type: kind, IssuerDomainNames: []string{"ca.test"}})
		}
		got := ""
		if p, err := o.proof(t.Context(), authorization, &Account{Directory: "https://ca.test/dir", URL: "https://ca.test/1"}); err != nil {
			got = err.Error()
		} else {
			got = p.challenge.Type
		}
		if got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}
