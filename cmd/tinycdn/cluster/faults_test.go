package cluster

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/cluster/store"
)

func TestACutResendsLittle(t *testing.T) {
	t.Parallel()
	const size = 12 << 20
	big := noise(size)
	for tenth := 1; tenth < 10; tenth += 2 {
		c := newCluster(t, "nyc")
		w := newWire(t, c.pops[0].listener.Addr())
		list, source := c.next(t, &manifest.Signed{}, map[string]string{"tinycdn.toml": "one", "big": big, "small": "x"})
		publish := func() (Outcome, error) {
			p := c.publisher()
			p.Members.POPs[0].Addresses = []netip.AddrPort{netip.MustParseAddrPort(w.Addr().String())}
			defer p.Close()
			return p.Publish(t.Context(), list, source)
		}
		w.left.Store(int64(tenth) * size / 10)
		if out, err := publish(); err == nil || len(out.Live) > 0 || c.pops[0].serving() != "" {
			t.Fatalf("cut after %d0 %%: %+v, %v", tenth, out, err)
		}
		w.left.Store(1 << 62)
		if out, err := publish(); err != nil || len(out.Live) != 1 || c.pops[0].serving() != "one" {
			t.Fatalf("after it was cut: %+v, %v", out, err)
		}
		if again := w.taken.Load() - size; again > 8<<20 {
			t.Errorf("a cut after %d0 %% sends %d octets again", tenth, again)
		}
	}
}

func TestWhatIsDamagedIsTakenAnew(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra")
	files := map[string]string{"tinycdn.toml": "one", "page": "a page"}
	first, source := c.next(t, &manifest.Signed{}, files)
	p := c.publisher()
	defer p.Close()
	if _, err := p.Publish(t.Context(), first, source); err != nil {
		t.Fatal(err)
	}
	h := fmt.Sprintf("%x", sha256.Sum256([]byte("a page")))
	if err := os.WriteFile(filepath.Join(c.pops[1].Dir(), "store", "blobs", h[:2], h), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	files["tinycdn.toml"] = "two"
	second, source := c.next(t, first, files)
	p.Base = first
	if out, err := p.Publish(t.Context(), second, source); err != nil || len(out.Live) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	for _, pop := range c.pops {
		if got, err := os.ReadFile(filepath.Join(pop.store.Tree(second.ID), "page")); string(got) != "a page" {
			t.Errorf("%s: %q, %v", pop.name, got, err)
		}
	}
}

func TestAPOPThatHasLostWhatItServedTakesItAnew(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(m *Member, id manifest.ID) error{
		"everything": func(m *Member, _ manifest.ID) error { return os.RemoveAll(m.path("store")) },
		"its list":   func(m *Member, _ manifest.ID) error { return os.RemoveAll(m.path("store/manifests")) },
		"its tree":   func(m *Member, id manifest.ID) error { return os.RemoveAll(m.store.Tree(id)) },
	} {
		c := newCluster(t, "nyc", "fra")
		list, _, err := c.publish(t, &manifest.Signed{}, "one")
		if err != nil {
			t.Fatal(err)
		}
		fra := c.pops[1]
		fra.stop()
		if err := lose(fra.Member, list.ID); err != nil {
			t.Fatal(err)
		}
		served := ""
		host := Host{Load: fra.host.Load, Serve: func(r Ready) error { served = r.(string); return nil }}
		m, err := Open(fra.Dir(), host, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(name, err)
		}
		if m.Config() == "" {
			m.CatchUp(t.Context())
		} else {
			served = "one" // the tree is made of its contents again
		}
		if served != "one" || m.agreed.Behind() {
			t.Errorf("without %s it serves %q: %s", name, served, m.mine.Trouble)
		}
	}
}

func TestRoomIsToldBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "syd")
	c.pops[1].Keep(10, 2<<20, 0)
	list, source := c.next(t, &manifest.Signed{}, map[string]string{"tinycdn.toml": "one", "big": noise(3 << 20)})
	p := c.publisher()
	defer p.Close()
	out, err := p.Publish(t.Context(), list, source)
	if wrong, ok := err.(*Mistakes); !ok || len(wrong.Lines) != 1 || wrong.Lines[0] != "syd: 2 MB free, 4 MB needed" || out.Sent != 0 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestAFileThatChangesWhileItIsSentIsNamed(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"another": "new", "longer": "newer", "shorter": "o"} {
		c := newCluster(t, "nyc")
		list, _ := c.next(t, &manifest.Signed{}, map[string]string{"tinycdn.toml": "old"})
		path := filepath.Join(t.TempDir(), "tinycdn.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p := c.publisher()
		out, err := p.Publish(t.Context(), list, FromFiles(map[manifest.Hash]string{list.Files[0].Hash: path}))
		if err == nil || !strings.Contains(fmt.Sprint(out.Wrong), "tinycdn.toml was changed while it was published") {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
		p.Close()
	}
}

func TestOnlyWhatWasAskedForIsTaken(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc")
	var b bytes.Buffer
	w := channel.NewFrameWriter(&b)
	w.WriteContent(sha256.Sum256([]byte("x")), 1, 0, strings.NewReader("x"))
	w.Flush()
	client := channel.NewClient(c.owner, c.members.POPs[0])
	defer client.Close()
	if err := client.Send(t.Context(), "/v1/contents", &b, nil); err == nil || !strings.Contains(err.Error(), "nobody asked for") {
		t.Error(err)
	}
}

func TestAPOPThatAsksForWhatIsNotThere(t *testing.T) {
	t.Parallel()
	list, _ := (&testCluster{owner: roster.NewKey()}).next(t, &manifest.Signed{}, map[string]string{"tinycdn.toml": "one"})
	f := list.Files[0]
	twice := *list
	twice.Files = append(twice.Files, f)
	for name, c := range map[string]struct {
		said lacksText
		of   *manifest.Signed
	}{
		"another file":     {lacksText{Missing: []byte{2}}, list},
		"a file far away":  {lacksText{Missing: []byte{0, 0, 1}}, list},
		"beyond its end":   {lacksText{Missing: []byte{1}, Begun: map[int]int64{0: 4}}, list},
		"before its begin": {lacksText{Missing: []byte{1}, Begun: map[int]int64{0: -1}}, list},
		"the same twice":   {lacksText{Missing: []byte{3}}, &twice},
	} {
		if l, err := c.said.read(c.of); err == nil {
			t.Errorf("%s is believed: %v", name, l)
		}
	}
	for _, want := range []Lacks{{}, {Parts: []store.Part{{Hash: f.Hash, Size: 3, Have: 2}}, Free: 7}} {
		if got, err := textOf(want, &twice).read(&twice); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v became %v, %v", want, got, err)
		}
	}
}

// TestACrashAtAnyStepLeavesTheOldOrTheNew copies the folder of a POP whenever it is asked to do something, as a crash would leave
// it, and starts from the copy.
func TestACrashAtAnyStepLeavesTheOldOrTheNew(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc")
	nyc := c.pops[0]
	var copies []string
	crash := func() {
		to := filepath.Join(t.TempDir(), "copy")
		if err := os.CopyFS(to, os.DirFS(nyc.dir)); err != nil {
			t.Error(err)
		}
		copies = append(copies, to)
	}
	host := nyc.host
	nyc.host = Host{
		Load: func(config string, _ []Asset) (Ready, []string) {
			crash()
			ready, mistakes := host.Load(config, nil)
			crash()
			return ready, mistakes
		},
		Serve: func(r Ready) error { crash(); err := host.Serve(r); crash(); return err },
	}
	last := &manifest.Signed{}
	for _, text := range []string{"one", "wrong", "two"} {
		next, _, err := c.publish(t, last, text)
		if crash(); err == nil {
			last = next
		}
	}
	for i, dir := range copies {
		served := ""
		m, err := Open(dir, Host{Load: host.Load, Serve: func(r Ready) error { served = r.(string); return nil }}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatalf("copy %d: %v", i, err)
		}
		before := ""
		if path := m.Config(); path != "" {
			text, err := os.ReadFile(path)
			if before = string(text); err != nil || before == "wrong" {
				t.Errorf("copy %d serves %q: %v", i, text, err)
			}
		}
		if m.agreed.Behind() { // all is here
			m.CatchUp(t.Context())
			if m.agreed.Behind() && m.mine.Trouble == "" {
				t.Errorf("copy %d: %q stays behind, and %q is served", i, before, served)
			}
		}
	}
	if len(copies) < 10 {
		t.Errorf("there were only %d crashes", len(copies))
	}
}
