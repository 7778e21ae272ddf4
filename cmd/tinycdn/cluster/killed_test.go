package cluster

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// mortal is three POPs, and a laptop that publishes by way of wires. One of them dies at a step that is chosen before.
type mortal struct {
	*testCluster
	laptop roster.PrivateKey
	wires  map[string]*wire // the laptop's, by POP
	far    *roster.Roster   // the roster as the laptop has it
	asking atomic.Int64     // requests of the laptop that are being done
	halves atomic.Int64     // generations of two halves that were loaded
	death  atomic.Pointer[death]
	asked  atomic.Pointer[func(*http.Request)] // is told of each request before it is done; nil: nobody is
}

var three = []string{"nyc", "fra", "syd"}

// death is when somebody dies, and who.
type death struct {
	who   string // "laptop", "POP" or "link"
	pop   string // that is asked to do the step
	step  string // of the protocol
	after bool   // once it was done, and before it is answered; else before it is done

	came   atomic.Bool
	first  string        // the POP that has to answer first, as it is the one that relays; "": any
	listed chan struct{} // is closed when the laptop has its answer
	once   sync.Once
	folder string // of the POP that died, as it was then
}

func newMortal(t *testing.T) *mortal {
	t.Helper()
	m := &mortal{laptop: roster.NewKey(), wires: map[string]*wire{}}
	m.testCluster = newClusterOf(t, m.watch, three...)
	next := *m.members
	next.Version++
	next.Publishers = []roster.Publisher{{Name: "laptop", Key: m.laptop.Public(), May: []roster.Right{roster.Publish, roster.Status}}}
	far := next
	far.POPs = slices.Clone(next.POPs)
	for i, p := range m.pops {
		if err := p.TakeRoster(next.Marshal(m.owner)); err != nil {
			t.Fatal(err)
		}
		w := newWire(t, p.listener.Addr())
		m.wires[p.name] = w
		far.POPs[i].Addresses = []netip.AddrPort{netip.MustParseAddrPort(w.Addr().String())}
	}
	m.members, m.far = &next, &far
	return m
}

// watch has a POP load two files, which have to be of one generation, and die when it shall.
func (m *mortal) watch(p *testPOP) {
	p.host.Load = func(config string, _ []Asset) (Ready, []string) {
		text, err := os.ReadFile(config)
		page, wrong := os.ReadFile(filepath.Join(filepath.Dir(config), "page"))
		if err != nil || wrong != nil || !strings.HasPrefix(string(page), string(text)+" ") {
			m.halves.Add(1)
		}
		return string(text), nil
	}
	p.wrap = func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if told := m.asked.Load(); told != nil {
				(*told)(r)
			}
			if channel.Caller(r.Context()) == m.laptop.Public() {
				m.asking.Add(1)
				defer m.asking.Add(-1)
			}
			if d := m.death.Load(); d != nil {
				m.die(d, p, h, w, r)
			} else {
				h.ServeHTTP(w, r)
			}
		})
	}
}

// die does what is asked, or has somebody die instead.
func (m *mortal) die(d *death, p *testPOP, h http.Handler, w http.ResponseWriter, r *http.Request) {
	if d.first != "" && p.name != d.first && r.URL.Path == "/v1/generation" {
		<-d.listed
	}
	if r.URL.Path != "/v1/"+d.step || p.name != d.pop || !d.came.CompareAndSwap(false, true) {
		h.ServeHTTP(w, r)
		return
	}
	if d.after {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	m.strike(d, p)
	panic(http.ErrAbortHandler)
}

// strike is the death, at a POP.
func (m *mortal) strike(d *death, p *testPOP) {
	switch {
	case d.who == "laptop":
		for _, w := range m.wires {
			w.cut(true)
		}
	case d.who == "POP":
		d.folder = p.dir + "."
		exec.Command("cp", "-a", p.dir, d.folder).Run() // what is renamed meanwhile is in it or not, as after a crash
		go p.stop()
	case d.step != "give": // which no laptop asks for
		m.wires[p.name].cut(true)
	}
}

// mend has everybody be there again, and a minute pass, in which promises lapse: to the dead, or of those who did not hear that they
// were taken back.
func (m *mortal) mend(t *testing.T, d *death) {
	t.Helper()
	await(t, "nobody works for the dead", func() bool { return m.asking.Load() == 0 })
	m.death.Store(nil)
	for _, w := range m.wires {
		w.cut(false)
	}
	for i, p := range m.pops {
		if p.name == d.pop && d.folder != "" {
			m.pops[i] = m.revive(t, p, d.folder)
		}
	}
	for _, p := range m.pops {
		p.Member.mu.Lock()
		if promise := p.agreed.Promise; promise.ID.Number > 0 && d.who != "laptop" && p.name != d.pop {
			t.Errorf("%s has promised generation %d to somebody who lives, and does not want it", p.name, promise.ID.Number)
		}
		p.agreed.Promise.Until = p.mine.Started
		p.Member.mu.Unlock()
	}
}

// revive is a POP that starts from the folder in which it died.
func (m *mortal) revive(t *testing.T, old *testPOP, dir string) *testPOP {
	t.Helper()
	old.stop()
	p := &testPOP{}
	host := Host{Serve: func(r Ready) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.serves = r.(string)
		return nil
	}}
	var err error
	if p.Member, err = Open(dir, host, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	m.watch(p)
	if path := p.Config(); path != "" {
		ready, _ := p.host.Load(path, nil)
		p.serves = ready.(string)
	}
	if p.listener, err = net.Listen("tcp", old.listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	p.run(t)
	return p
}

// next is the generation after parent, in which all is of one text.
func (m *mortal) next(t *testing.T, by string, parent *manifest.Signed, text string, size int) (*manifest.Signed, Source) {
	t.Helper()
	key := m.owner
	if by == "laptop" {
		key = m.laptop
	}
	return nextBy(t, key, by, parent, map[string]string{"tinycdn.toml": text, "page": text + " " + noise(size)})
}

// agree waits until all POPs know the same, and serve it.
func (m *mortal) agree(t *testing.T) (live commit.Commit, canary commit.Canary) {
	t.Helper()
	await(t, "all POPs agree", func() bool {
		known := map[string]bool{}
		for _, p := range m.pops {
			p.Member.mu.Lock()
			live, canary = p.agreed.Wanted, p.agreed.Canary
			known[string(live.Text)+string(canary.Text)] = true
			behind := p.agreed.Behind()
			p.Member.mu.Unlock()
			if behind {
				return false
			}
		}
		return len(known) == 1
	})
	return live, canary
}

// serve wants each POP to serve the live generation, or the canary if that is there.
func (m *mortal) serve(t *testing.T, canary commit.Canary, live, tried string) {
	t.Helper()
	for _, p := range m.pops {
		want := live
		if canary.At(p.name) {
			want = tried
		}
		if got := p.serving(); got != want {
			t.Errorf("%s serves %q, want %q", p.name, got, want)
		}
	}
}
