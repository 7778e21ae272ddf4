package pop

import (
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/delegation"
	"tinycdn/zones"
)

// nameserverOf is what a POP shows of proofs, with the zone of the tests.
func nameserverOf(t *testing.T) *proofs {
	t.Helper()
	path := filepath.Join(t.TempDir(), "example.org.zone")
	if err := os.WriteFile(path, []byte(orderZone), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded := zones.Load(path, "", nil)
	if loaded.Value == nil {
		t.Fatal(loaded.Problems)
	}
	p := newProofs(zones.NewStore(), &delegation.World{Resolvers: []string{"127.0.0.1:1"}}) // at which nobody listens
	p.wants([]string{"www.example.org", "alias.example.org", "*.example.org", "www.example.net"})
	if err := p.store.Update(func(d *zones.Draft) error { d.SetZone(loaded.Value); return nil }); err != nil {
		t.Fatal(err)
	}
	return p
}

// shown are the texts of a name, one after the other.
func (p *proofs) shown(t *testing.T, name string) string {
	t.Helper()
	owner, err := zones.Name(name)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, data := range p.store.Current().Data(owner, 16) {
		all = append(all, string(data[1:]))
	}
	return strings.Join(all, " ")
}

// proofOf is a proof as authorities want it.
func proofOf(text string) string {
	hash := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(hash[:])
}

// What one POP presents lies over the zone at the others, wherever its CNAME leads, until it is withdrawn.
func TestProofsLieOverTheZoneAtEveryPOP(t *testing.T) {
	t.Parallel()
	nyc, fra := nameserverOf(t), nameserverOf(t)
	own, a, b, c := proofOf("own"), proofOf("a"), proofOf("b"), proofOf("c")
	number := uint64(0)
	nyc.tell = func(list []cluster.Proof) {
		number++
		if err := fra.show("nyc", number, list); err != nil {
			t.Error(err)
		}
	}
	const www = "_acme-challenge.www.example.org"
	if err := fra.Present(t.Context(), "_acme-challenge.www.example.org", own); err != nil { // two order at once: both are right
		t.Fatal(err)
	}
	for _, one := range [][2]string{{"www.example.org", a}, {"www.example.org", b}, {"alias.example.org", c}} {
		if err := nyc.Present(t.Context(), "_acme-challenge."+one[0], one[1]); err != nil {
			t.Fatal(err)
		}
	}
	if got, there := nyc.shown(t, www), fra.shown(t, www); got != a+" "+b || there != own+" "+a+" "+b {
		t.Errorf("nyc shows %q, fra %q", got, there)
	}
	if got := fra.shown(t, "proof.example.org"); got != c {
		t.Errorf("where the CNAME leads, there is %q", got)
	}
	if err := fra.show("nyc", 1, nil); err != nil || fra.shown(t, www) != own+" "+a+" "+b {
		t.Errorf("what is old was taken: %v, %q", err, fra.shown(t, www))
	}
	for _, value := range []string{a, b, c} {
		nyc.Withdraw("", value)
	}
	fra.Withdraw("", own)
	for _, name := range []string{www, "proof.example.org"} {
		if nyc.shown(t, name)+fra.shown(t, name) != "" || len(nyc.laid)+len(fra.laid) > 0 {
			t.Errorf("%s: %q and %q are left", name, nyc.shown(t, name), fra.shown(t, name))
		}
	}
}

func TestWhatADeadPOPHadToProveIsForgotten(t *testing.T) {
	t.Parallel()
	fra := nameserverOf(t)
	a, b, c := proofOf("a"), proofOf("b"), proofOf("c")
	const name = "_acme-challenge.example.org"
	if err := fra.show("syd", 1, []cluster.Proof{{Owner: "_acme-challenge.example.net", Value: a}, {Owner: name, Value: c}}); err == nil || fra.shown(t, name) != c {
		t.Errorf("a zone that is not here: %v; the other one shows %q", err, fra.shown(t, name))
	}
	fra.of["syd"].end.Stop()
	synctest.Test(t, func(t *testing.T) {
		for i, text := range []string{a, b} {
			if err := fra.show("nyc", uint64(i+1), []cluster.Proof{{Owner: name, Value: text}}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Minute)
		}
		if got := fra.shown(t, name); got != b+" "+c && got != c+" "+b {
			t.Errorf("after a word of it in between, it shows %q", got)
		}
		time.Sleep(2*time.Minute + time.Second)
		synctest.Wait()
		if got := fra.shown(t, name); got != c {
			t.Errorf("it shows %q", got)
		}
	})
}

func TestWhatCanBeAToken(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]bool{"": false, "short": false, strings.Repeat("aZ09-_", 8): true, strings.Repeat("a", 300): false, strings.Repeat("a", 30) + "/..": false} {
		if got := isToken(token); got != want {
			t.Errorf("%q: %v", token, got)
		}
	}
}

// Another POP may be in the wrong hands: what it says is answered for a token is that, or nothing, and for no host but those of certificates.
func TestWhatAnotherPOPAnswersForATokenIsAnAnswer(t *testing.T) {
	t.Parallel()
	const token = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
	print := proofOf("key")
	for text, want := range map[string]bool{
		token + "." + print:                  true,
		token + print:                        false,
		token:                                false,
		token + ".":                          false,
		token + "." + print[:42]:             false,
		token + "." + print + "\n":           false,
		"other." + print:                     false,
		token + ".<script></script>" + print: false,
		"":                                   false,
	} {
		if got := answers(token, text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
	p := nameserverOf(t)
	for host, want := range map[string]bool{"www.example.org": true, "www.example.net": true, "host.example.org": false, "": false} {
		if got := p.isWanted(host); got != want {
			t.Errorf("%q: got %v", host, got)
		}
	}
}
