package pop

import (
	"context"
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

// A name whose DNS is elsewhere leads into a zone here by a CNAME that only the world knows: each POP lays the record there by itself, and who
// orders looks before it says that there is none.
func TestARecordThatStaysLiesWhereACNAMEElsewhereLeads(t *testing.T) {
	t.Parallel()
	world := newOrdered(t) // who is asked as a resolver
	elsewhere := func(more string) {
		world.write("example.net.zone", "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns.example.org.\n"+more)
		world.configure("")
	}
	elsewhere("_validation-persist.www CNAME on\non CNAME here.example.org.\n")
	nyc, fra := nameserverOf(t), nameserverOf(t)
	const name, value = "_validation-persist.www.example.net", "ca.test; accounturi=https://ca.test/1"
	for _, p := range []*proofs{nyc, fra} {
		p.world.Resolvers = []string{world.dns.Addrs()[0].String()}
		p.stand([]acme.Record{{Owner: name, Value: value}, {Owner: "_validation-persist.other.example.net", Value: value}})
	}
	texts, err := nyc.Texts(t.Context(), name)
	if err != nil || len(texts) != 1 || texts[0] != value || nyc.shown(t, "here.example.org") != value || len(nyc.Standing(name)) != 1 {
		t.Errorf("got %q, %v; shown is %q", texts, err, nyc.shown(t, "here.example.org"))
	}
	if texts, err := nyc.Texts(t.Context(), "_validation-persist.other.example.net"); err != nil || len(texts) != 0 {
		t.Errorf("of a name that leads nowhere: %q, %v", texts, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); fra.followStanding(ctx) }()
	world.until("fra shows it too", func() bool { return fra.shown(t, "here.example.org") == value })
	stop()
	<-done

	fra.world.Resolvers = []string{"127.0.0.1:1"} // that nobody says any more where it leads takes nothing away
	fra.lead(t.Context(), name)
	fra.stand(fra.wished)
	if got := fra.shown(t, "here.example.org"); got != value {
		t.Errorf("while no resolver answers it shows %q", got)
	}
	fra.stand(nil)
	if got := fra.shown(t, "here.example.org"); got != "" {
		t.Errorf("it is wanted no more, and shows %q", got)
	}
}

// Of three POPs one orders, and syd is asked by the authority: the record is there because syd knows the account, and lies at all of them for
// good, be it that who has ordered is gone. The next one orders by it as it is.
func TestARecordThatStaysIsAtAllPOPsAndOutlivesTheOrderer(t *testing.T) {
	t.Parallel()
	o := newTrio(t)
	const owner, challenge = "_validation-persist.example.org", "_acme-challenge.example.org"
	o.want(`["example.org", "*.example.org"]` + "\nchallenge = \"dns-persist-01\"")
	o.until("all have a certificate", func() bool { return o.chain(trioNames...) != "" })
	account := ""
	for _, a := range o.pops["nyc"].orders().Bundle().Accounts {
		account = a.URL
	}
	want := "pebble.test; accounturi=" + account + "; policy=wildcard"
	for name, p := range o.pops {
		if got := p.ordering.proofs.shown(t, owner); got != want || p.ordering.proofs.shown(t, challenge) != "" {
			t.Errorf("%s shows %q, want %q; for a while %q", name, got, want, p.ordering.proofs.shown(t, challenge))
		}
	}
	if c := o.pops["nyc"].orders().List()[0]; c.Method != "dns-persist-01" {
		t.Errorf("it was proved by %q", c.Method)
	}
	o.pops["nyc"].end()
	delete(o.pops, "nyc")
	first := o.chain("fra")
	if err := o.pops["fra"].orders().Renew(nil); err != nil {
		t.Fatal(err)
	}
	o.pass("fra has ordered the next", func() bool { c := o.chain("fra", "syd"); return c != "" && c != first }, "fra", "syd")
	for name, p := range o.pops {
		if got := p.ordering.proofs.shown(t, owner); got != want {
			t.Errorf("without nyc %s shows %q", name, got)
		}
	}
}
