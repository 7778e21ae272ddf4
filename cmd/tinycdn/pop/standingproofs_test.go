package pop

import (
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/webserver/acme"
)

// The record that proves names for good lies over the zone from the first order on, through reloads and restarts, and goes when it is
// wanted no more.
func TestARecordThatStaysLiesOverTheZone(t *testing.T) {
	t.Parallel()
	o := newOrdered(t)
	const persist = `challenge = "dns-persist-01"` + "\nnames = [\"example.org\", \"*.example.org\"]"
	o.configure(o.acme(persist))
	o.until("the first certificate", func() bool { _, err := o.get("www.example.org"); return err == nil })
	const owner, challenge = "_validation-persist.example.org", "_acme-challenge.example.org"
	shown := func(name string) string { return o.ordering.proofs.shown(t, name) }
	account := ""
	for _, a := range o.orders().Bundle().Accounts {
		account = a.URL
	}
	want := "pebble.test; accounturi=" + account + "; policy=wildcard"
	if shown(owner) != want || shown(challenge) != "" {
		t.Errorf("it shows %q, and %q; want %q", shown(owner), shown(challenge), want)
	}
	if status := o.orders().List()[0]; status.Method != "dns-persist-01" || len(status.Paste) > 0 {
		t.Errorf("got %+v", status)
	}
	o.write("example.org.zone", orderZone+"more A 192.0.2.1\n")
	o.configure(o.acme(persist))
	if shown(owner) != want {
		t.Errorf("after a reload it shows %q", shown(owner))
	}
	o.stop()
	o.begin()
	if shown(owner) != want {
		t.Errorf("after a restart it shows %q", shown(owner))
	}
	o.configure(o.acme(""))
	if shown(owner) != "" {
		t.Errorf("it is wanted no more, and shows %q", shown(owner))
	}
}

// Every POP lays it by itself, from the account that all know: none tells another what to show for good.
func TestARecordThatStaysIsNotToldOverTheChannel(t *testing.T) {
	t.Parallel()
	fra := nameserverOf(t)
	fra.tell = func(list []cluster.Proof) { t.Errorf("others are told %v", list) }
	p := &POP{ordering: ordering{proofs: fra}}
	directory := "https://ca.test/directory"
	p.ordering.wish.Store(&wish{&acme.Config{CA: []string{directory}, Challenge: "dns-persist-01"}, []acme.Wanted{{Name: "a", Names: []string{"www.example.org", "elsewhere.example.net"}}}})
	for _, c := range []struct{ url, issuer, want string }{
		{"https://ca.test/1", "ca.test", "ca.test; accounturi=https://ca.test/1"},
		{"", "ca.test", ""},
		{"https://ca.test/1", "", ""},
		{"https://ca.test/1; x", "ca.test", ""},
		{"https://ca.test/1 x", "ca.test", ""},
		{"https://ca.test/1", "v=spf1 +all", ""},
		{"https://ca.test/" + strings.Repeat("1", 1000), "ca.test", ""},
	} {
		p.knows(acme.Bundle{Accounts: map[string]*acme.Account{directory: {Directory: directory, URL: c.url, Issuer: c.issuer}}})
		if got := fra.shown(t, "_validation-persist.www.example.org"); got != c.want {
			t.Errorf("%+v: it shows %q", c, got)
		}
	}
}
