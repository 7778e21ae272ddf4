package pop

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
)

// A POP that somebody has taken over speaks as one of the cluster. What it has others show is a proof, or nothing.
func TestAPOPInTheWrongHandsWritesNothingIntoZones(t *testing.T) {
	t.Parallel()
	fra := nameserverOf(t)
	m := &member{}
	m.pop.Store(&POP{ordering: ordering{proofs: fra}})
	proof := proofOf("x")
	const www = "_acme-challenge.www.example.org"
	number := uint64(0)
	show := func(list ...cluster.Proof) error {
		number++
		return m.certificates().Show("syd", number, list)
	}
	for _, c := range []struct{ owner, value string }{
		{"example.org", proof},
		{"example.org", "v=spf1 +all"},
		{"_dmarc.example.org", "v=DMARC1; p=none"},
		{"www.example.org", proof},
		{www, "v=spf1 +all"},
		{www, ""},
		{www, proof[:42]},
		{www, proof + "A"},
		{www, proof[:42] + "="},
		{www, proof[:20] + "\n" + proof[20:]},
		{www, strings.Repeat("A", 42) + "B"}, // no hash has these last bits
		{www, strings.Repeat("+", 43)},
		{"_acme-challenge.other.example.org", proof}, // no certificate is wanted for it
		{"_acme-challenge._acme-challenge.www.example.org", proof},
		{"x." + www, proof},
		{"_acme-challenge.www.example.net", proof}, // that is not our zone
		{"_validation-persist.www.example.org", proof},
		{"", proof},
		{strings.Repeat("a.", 200), proof},
		{"a..b", proof},
	} {
		if err := show(cluster.Proof{Owner: c.owner, Value: c.value}); err == nil {
			t.Errorf("%s %q is taken", c.owner, c.value)
		}
		if len(fra.laid) > 0 {
			t.Errorf("%s %q lies over %v", c.owner, c.value, fra.laid)
		}
	}
	if err := show(make([]cluster.Proof, mostProofs+1)...); err == nil {
		t.Error("more is taken than any order has")
	}
	// What is right beside what is not is shown, in whatever case, and but once.
	err := show(cluster.Proof{Owner: "example.org", Value: "x"}, cluster.Proof{Owner: strings.ToUpper(www) + ".", Value: proof}, cluster.Proof{Owner: www, Value: proof})
	if err == nil || fra.shown(t, www) != proof || fra.shown(t, "example.org") != "" {
		t.Errorf("got %v; %q and %q", err, fra.shown(t, www), fra.shown(t, "example.org"))
	}
	if err := show(cluster.Proof{Owner: "proof.example.org", Value: proof}); err != nil || fra.shown(t, "proof.example.org") != proof {
		t.Errorf("where the CNAME of a name leads that is wanted: %v", err)
	}
	fra.wants(nil) // another generation wants no certificate
	if err := show(cluster.Proof{Owner: www, Value: proof}); err == nil || fra.shown(t, www) != "" {
		t.Errorf("got %v, %q", err, fra.shown(t, www))
	}
	for _, other := range fra.of {
		other.end.Stop()
	}
}

// What is said again and again does not stay.
func TestWhatIsNoOrdersDoesNotStayInAZone(t *testing.T) {
	t.Parallel()
	fra := nameserverOf(t)
	const www = "_acme-challenge.www.example.org"
	synctest.Test(t, func(t *testing.T) {
		list := []cluster.Proof{{Owner: www, Value: proofOf("x")}}
		for i := range 6 {
			if err := fra.show("syd", uint64(i), list); err != nil {
				t.Fatal(err)
			}
			if got, age := fra.shown(t, www), time.Duration(i)*4*time.Minute; (got != "") != (age < longestProof) {
				t.Errorf("after %v it shows %q", age, got)
			}
			time.Sleep(4 * time.Minute)
		}
		time.Sleep(proofTime)
		synctest.Wait()
	})
}

// A name whose DNS is elsewhere leads into a zone here by a CNAME that only the world knows.
func TestAProofMayLieWhereTheWorldHasItsCNAMELead(t *testing.T) {
	t.Parallel()
	world := newOrdered(t) // who is asked as a resolver
	world.write("example.net.zone", "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns.example.org.\n_acme-challenge.www CNAME here.example.org.\n")
	world.configure("")
	fra := nameserverOf(t)
	fra.world.Resolvers = []string{world.dns.Addrs()[0].String()}
	for owner, want := range map[string]bool{"here.example.org": true, "there.example.org": false} {
		err := fra.show("syd", 1, []cluster.Proof{{Owner: owner, Value: proofOf("x")}})
		if got := fra.shown(t, owner) != ""; got != want || (err == nil) != want {
			t.Errorf("%s: %v, shown: %v", owner, err, got)
		}
	}
	for _, other := range fra.of {
		other.end.Stop()
	}
	if n := len(fra.aliases.known); n == 0 || n > len(fra.hosts) {
		t.Errorf("%d names are remembered, of %d hosts", n, len(fra.hosts))
	}
}

// What does not fit over a zone here, be it of a POP that has another generation, takes nothing away that does.
func TestWhatAnotherPOPHasWrongTakesNothingAway(t *testing.T) {
	t.Parallel()
	fra := nameserverOf(t)
	own, theirs, wrong := proofOf("own"), proofOf("theirs"), proofOf("wrong")
	const www, alias = "_acme-challenge.www.example.org", "_acme-challenge.alias.example.org" // the latter is a CNAME
	show := func(by string, owner, value string) error {
		return fra.show(by, 1, []cluster.Proof{{Owner: owner, Value: value}})
	}
	if err := show("syd", alias, wrong); err == nil {
		t.Error("a record beside a CNAME is taken")
	}
	if err := fra.Present(t.Context(), www, own); err != nil {
		t.Errorf("beside what is wrong there is no place for what is right: %v", err)
	}
	if err := show("nyc", www, theirs); err != nil {
		t.Error(err)
	}
	if got := fra.shown(t, www); got != own+" "+theirs {
		t.Errorf("it shows %q", got)
	}
	fra.Withdraw(www, own)
	fra.show("nyc", 2, nil)
	if got := fra.shown(t, www); got != "" {
		t.Errorf("after all it shows %q", got)
	}
}
