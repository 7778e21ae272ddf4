package pop

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/zones"
)

const someNames = `["example.org", "*.example.org"]`

// Whatever the one who orders is at when it dies, the next POP goes on after ten minutes, with an order too many at most, and so does the one
// that died when it is back: all show the same certificate.
func TestAnotherPOPOrdersAfterTheOrdererIsKilled(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		path    string // what the authority is asked for when it dies
		answers bool   // it gets the answer, and nobody hears what it was
	}{
		"an account is made":                  {"/sign-me-up", false},
		"an order is placed":                  {"/order-plz", false},
		"challenges are asked for":            {"/authZ/", false},
		"the authority is to look":            {"/chalZ/", false},
		"the order is finalized":              {"/finalize-order/", false},
		"the authority makes the certificate": {"/my-order/", false},
		"the chain is fetched":                {"/certZ/", false},
		"the chain is known, to it alone":     {"/certZ/", true},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newTrio(t)
			nyc := o.pops["nyc"]
			var once sync.Once
			killed := make(chan struct{})
			before := func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasPrefix(r.URL.Path, c.path) {
					return false
				}
				once.Do(func() {
					nyc.hangUp()
					close(killed)
				})
				if !c.answers {
					io.Copy(io.Discard, r.Body) // else it is not seen that nobody waits any more
					<-r.Context().Done()
				}
				return !c.answers
			}
			o.authority.Before.Store(&before)
			o.want(someNames)
			<-killed
			if c.answers {
				o.until("nyc has its certificate", func() bool { return o.chain("nyc") != "" })
			}
			nyc.end()
			o.authority.Before.Store(nil)
			o.until("the others have it that nyc orders", func() bool { return o.says("fra", "nyc") && o.says("syd", "nyc") })
			if o.chain("fra") != "" || o.chain("syd") != "" {
				t.Fatal("it was not killed in the midst of it")
			}
			begin := o.pops["fra"].ahead.Load()
			o.pass("fra and syd have a certificate", func() bool { return o.chain("fra", "syd") != "" }, "fra", "syd")
			if passed := time.Duration(o.pops["fra"].ahead.Load() - begin); passed < takeOver-time.Minute {
				t.Errorf("it is another's turn after %v", passed)
			}
			if !o.says("fra", "fra") || !o.says("syd", "fra") || o.authority.Orders() > 2 {
				t.Errorf("fra orders: %v, by syd: %v; %d orders", o.says("fra", "fra"), o.says("syd", "fra"), o.authority.Orders())
			}
			orders := o.authority.Orders()
			o.back("nyc")
			o.until("all have the same, and have it that fra orders", func() bool { return o.chain(trioNames...) != "" && o.says("nyc", "fra") })
			if o.authority.Orders() != orders {
				t.Errorf("after nyc is back: %d orders more", o.authority.Orders()-orders)
			}
		})
	}
}

// While an order is under way somewhere, whoever else thinks that it should order waits, and finds that it is done.
func TestASecondPOPWaitsForTheOrderThatIsUnderWay(t *testing.T) {
	t.Parallel()
	o := newTrio(t)
	nyc, fra := o.pops["nyc"], o.pops["fra"]
	finalizing, goOn := make(chan struct{}), make(chan struct{})
	release := sync.OnceFunc(func() { close(goOn) })
	t.Cleanup(release)
	var once sync.Once
	before := func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/finalize-order/") {
			once.Do(func() { close(finalizing) })
			<-goOn
		}
		return false
	}
	o.authority.Before.Store(&before)
	o.want(someNames)
	<-finalizing
	if _, err := nyc.member.Drain(t.Context(), "nyc", true, 0, "somebody"); err != nil {
		t.Fatal(err)
	}
	o.until("fra takes nyc for drained", func() bool {
		return slices.ContainsFunc(fra.member.Drainage().Drains, func(d drains.Drain) bool { return d.POP == "nyc" })
	})
	if err := fra.store.Update(func(d *zones.Draft) error { d.SetDown([]zones.Down{{POP: "nyc", Drained: true}}, 20); return nil }); err != nil {
		t.Fatal(err)
	}
	o.pass("fra is the one who orders", func() bool { return o.says("fra", "fra") }, "fra") // by its clock alone
	o.until("fra hears that nyc orders", func() bool { return !fra.mayBegin(time.Now()) })
	term := fra.orders().Bundle().Version.Term
	release()
	o.until("fra begins once nyc is done", func() bool { return fra.orders().Bundle().Version.Term > term && o.chain("nyc", "fra") != "" })
	if o.authority.Orders() != 1 {
		t.Errorf("%d orders", o.authority.Orders())
	}
	o.pass("nyc has it, too, that fra orders", func() bool { return o.says("nyc", "fra") }, "nyc")
	first := o.chain("fra")
	if err := fra.orders().Renew(nil); err != nil { // what it does next is the first that it orders
		t.Fatal(err)
	}
	o.until("fra has ordered", func() bool { c := o.chain("fra"); return c != "" && c != first })
	if o.authority.Orders() != 2 {
		t.Errorf("%d orders", o.authority.Orders())
	}
}

// Of a cluster whose first POP is not there when certificates are first to be ordered, another one orders, and does not wait for ten minutes.
func TestAnotherPOPOrdersTheFirstCertificateIfTheFirstIsDead(t *testing.T) {
	t.Parallel()
	o := newTrio(t)
	o.pops["nyc"].end()
	delete(o.pops, "nyc")
	for _, p := range o.pops {
		o.until("nyc is not heard any more", func() bool {
			return !slices.ContainsFunc(p.candidates(p.served.Load().Config, time.Now()), func(c candidate) bool { return c.name == "nyc" && c.heard })
		})
	}
	o.want(someNames)
	begin, now := o.pops["fra"].ahead.Load(), time.Now()
	o.pass("fra and syd have a certificate", func() bool { return o.chain("fra", "syd") != "" }, "fra", "syd")
	if passed := time.Duration(o.pops["fra"].ahead.Load()-begin) + time.Since(now); passed < beginTime || o.authority.Orders() != 1 || !o.says("fra", "fra") {
		t.Errorf("after %v, %d orders", passed, o.authority.Orders())
	}
}
