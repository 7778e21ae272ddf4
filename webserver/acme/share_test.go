package acme

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/webserver/webservertest"
)

// grave is a nameserver that a dead process takes nothing back from.
type grave struct {
	*nameserver
	dead atomic.Bool
}

func (g *grave) Withdraw(name, value string) {
	if !g.dead.Load() {
		g.nameserver.Withdraw(name, value)
	}
}

// Whatever an authority is asked for when the one who orders is killed, another who knows what that one has told finishes, with the
// same account.
func TestAnotherFinishesWhereTheOrdererIsKilled(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"/dir", "/nonce-plz", "/sign-me-up", "/order-plz", "/authZ/", "/chalZ/", "/finalize-order/", "/my-order/", "/certZ/"} {
		t.Run(strings.Trim(state, "/"), func(t *testing.T) {
			t.Parallel()
			n := newNameserver(t)
			a := webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
			first, second := newKit(t, n, a), newKit(t, n, a)
			dns := &grave{nameserver: n}
			first.Manager.solver.DNS = dns
			ctx, kill := context.WithCancel(t.Context())
			defer kill()
			var known Bundle
			first.Changed = func(b Bundle) {
				if !dns.dead.Load() {
					known = b
				}
			}
			before := func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasPrefix(r.URL.Path, state) {
					dns.dead.Store(true)
					kill()
				}
				if dns.dead.Load() {
					w.WriteHeader(http.StatusServiceUnavailable)
				}
				return dns.dead.Load()
			}
			a.Before.Store(&before)
			first.Set(&first.config, []Wanted{{"site", manyNames(1)}})
			first.turn(ctx)
			a.Before.Store(nil)
			if !dns.dead.Load() || len(first.Pairs()) > 0 {
				t.Fatalf("it was not killed in the midst of it: %s", first.log)
			}
			second.Take(known)
			if _, err := second.want(t, manyNames(1)...); err != nil {
				t.Fatal(err)
			}
			trusts(t, a, second.Pairs()[0], manyNames(1)...)
			if a.Orders() > 2 || second.Bundle().Accounts[a.Directory].Key != known.Accounts[a.Directory].Key {
				t.Errorf("%d orders, or another account", a.Orders())
			}
		})
	}
}

// Two who could not hear each other may both have ordered: what is newest stays at both, and they come to the same.
func TestNothingIsLostWhenTwoHaveOrdered(t *testing.T) {
	t.Parallel()
	first, a, _ := certified(t)
	second := newKit(t, first.names, a)
	second.Take(first.Bundle())
	time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) // certificates count seconds
	second.Set(&second.config, []Wanted{{"site", []string{zone}}, {"other", []string{"other." + zone}}})
	second.Renew(nil)
	second.turn(t.Context())
	newest := second.Pairs()
	first.lock.Lock()
	first.bundle.Version.Term++ // it leads once more, and has heard nothing
	first.lock.Unlock()
	told := 0
	second.Changed = func(b Bundle) { told++; first.Take(b) }
	if !second.Take(first.Bundle()) || told != 1 {
		t.Errorf("it was told %d times", told)
	}
	first.Set(&second.config, []Wanted{{"site", []string{zone}}, {"other", []string{"other." + zone}}})
	if !reflect.DeepEqual(second.Pairs(), newest) || !reflect.DeepEqual(first.Pairs(), newest) || first.Bundle().Version != second.Bundle().Version {
		t.Errorf("versions %v and %v; the certificates are not those that were last ordered", first.Bundle().Version, second.Bundle().Version)
	}
}

// What others say becomes names of files, below a folder of ours.
func FuzzBundle(f *testing.F) {
	_, key, err := newKey()
	if err != nil {
		f.Fatal(err)
	}
	good, _ := json.Marshal(Bundle{Version{1, 2}, map[string]*Account{"https://ca.test/dir": {Directory: "https://ca.test/dir", Key: key}}, map[string]*Certificate{"site": {Directory: "https://ca.test/dir"}, "": nil}})
	for _, text := range []string{string(good), `{"version":{"term":1},"certificates":{"site":null}}`, `{"version":{"term":1},"accounts":{"https://../directory":{"directory":"https://../directory"}}}`,
		`{"version":{"term":1},"certificates":{"..":{"at":"../..","names":["a"],"directory":"https://a/../b"}}}`, `{"version":{"term":18446744073709551615}}`, `{"version":{"term":1},"certificates":{"a":{"chain":"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----","directory":"https://%2e%2e/"}}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := ParseBundle(text)
		if err != nil {
			return
		}
		top := t.TempDir()
		k := &kit{names: new(nameserver), folder: filepath.Join(top, "in", "acme"), now: time.Now, log: new(lines)}
		k.restart()
		k.Take(b)
		k.Set(&Config{CA: []string{"https://ca.test/dir"}}, []Wanted{{"site", []string{"a.example"}}})
		k.List()
		for _, at := range []string{top, filepath.Join(top, "in")} {
			if entries, _ := os.ReadDir(at); len(entries) > 1 {
				t.Fatalf("beside its folder there is %v", entries)
			}
		}
		if strings.Contains(k.log.String(), "name too long") {
			t.Error(k.log.String())
		}
		if !reflect.DeepEqual(k.Bundle().Version, b.Version) && b.Version != (Version{}) {
			t.Errorf("got %v, want %v", k.Bundle().Version, b.Version)
		}
	})
}

// A host may be as long as 253 octets, and a file's name 255, of which some are for other things. One that is too long must not keep all
// others from the POPs that hear of it.
func TestALongNameIsKeptAndHandedOn(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", 60) + "."
	long := strings.Repeat(label, 4) + "example"
	k := newKit(t, newNameserver(t))
	k.Set(&k.config, []Wanted{{"www.example.org", []string{zone}}, {long, manyNames(150)}, {"b" + long[1:], []string{zone}}, {long[:90], []string{zone}}})
	seen := map[string]bool{}
	for _, c := range k.List() {
		seen[c.Name] = true
		if err := k.Manager.folder.writeCertificate(c.Name, &Certificate{Names: c.Names}, "ca.test"); err != nil {
			t.Error(err)
		}
	}
	if len(seen) != 5 || !seen["www.example.org"] || !seen[long[:90]] {
		t.Errorf("got %v", seen)
	}
	text, err := json.Marshal(k.Bundle())
	if err != nil {
		t.Fatal(err)
	}
	if b, err := ParseBundle(text); err != nil || len(b.Certificates) != len(seen) {
		t.Errorf("got %v, %d certificates", err, len(b.Certificates))
	}
	if b, wrong := k.Manager.folder.read(); len(wrong) > 0 || len(b.Certificates) != len(seen) {
		t.Errorf("kept are %d certificates; %v", len(b.Certificates), wrong)
	}
}

// A POP in the wrong hands may say any version. After the last one that can be said there would be none for those who go on.
func TestVersionsDoNotRunOut(t *testing.T) {
	t.Parallel()
	k := newKit(t, newNameserver(t))
	at := Version{Term: 1 << 40, Counter: 7} // a POP that has just come knows none
	take := func(v Version) bool { return k.Take(Bundle{Version: v}) }
	if !take(at) || !take(Version{at.Term + 1000, 1000}) {
		t.Error("what is newer is not taken")
	}
	for _, v := range []Version{{1<<62 - 1, 0}, {at.Term + 1001, 1<<62 - 1}} {
		if take(v) {
			t.Errorf("%+v is taken", v)
		}
	}
	if got := k.Bundle().Version; got != (Version{at.Term + 1000, 1000}) || strings.Count(k.log.String(), "too far ahead to be true") != 1 {
		t.Errorf("got %+v\n%s", got, k.log)
	}
}
