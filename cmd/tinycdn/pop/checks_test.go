package pop

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones"
	"tinycdn/zones/health"
)

func TestAPOPThatNeverStopsTalkingIsHeededNowAndThen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, done := context.WithTimeout(t.Context(), time.Second)
		defer done()
		c := &checks{news: make(chan struct{}, 1), watcher: health.NewWatcher(nil, nil)}
		judged := 0
		for c.wake(); c.wait(ctx, nil); c.wake() {
			if judged++; judged > 20 {
				t.Fatal("it is heeded all the time")
			}
		}
		if judged < 5 {
			t.Errorf("it was heeded %d times", judged)
		}
	})
}

func TestADoubtMovesNobody(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		before, after []zones.Down
		moves         bool
	}{
		"nothing":       {nil, nil, false},
		"a doubt":       {nil, []zones.Down{{POP: "fra", Doubt: true}}, false},
		"a doubt more":  {[]zones.Down{{POP: "fra", A: true}}, []zones.Down{{POP: "fra", A: true, Doubt: true}, {POP: "syd", Doubt: true}}, false},
		"a fall":        {[]zones.Down{{POP: "fra", Doubt: true}}, []zones.Down{{POP: "fra", A: true}}, true},
		"a family more": {[]zones.Down{{POP: "fra", A: true}}, []zones.Down{{POP: "fra", A: true, AAAA: true}}, true},
		"another POP":   {[]zones.Down{{POP: "fra", A: true}}, []zones.Down{{POP: "syd", A: true}}, true},
		"a drain ends":  {[]zones.Down{{POP: "fra", Drained: true}}, nil, true},
	} {
		if got := moves(c.before, c.after); got != c.moves {
			t.Errorf("%s: got %v, want %v", what, got, c.moves)
		}
	}
}

// The health page says at once that visitors had better go elsewhere, also while the disk on which drains are kept hangs.
func TestWhyAPOPIsAwayIsKnownWithoutWaiting(t *testing.T) {
	t.Parallel()
	p := New("fra", &config.Config{}, nil)
	for what, list := range map[string][]zones.Down{"": {{POP: "fra", A: true}, {POP: "syd", Drained: true}}, "drained": {{POP: "fra", Drained: true}}} {
		if err := p.store.Update(func(d *zones.Draft) error { d.SetDown(list, 20); return nil }); err != nil {
			t.Fatal(err)
		}
		if got := p.away(); got != what {
			t.Errorf("got %q, want %q", got, what)
		}
	}
}

// How long an answer may be kept while a POP is in doubt is as the settings have it by now, also of a doubt from before.
func TestADoubtIsKeptAsLongAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tinycdn.toml")
	load := func(ttl int) *Generation {
		text := fmt.Sprintf("health.doubt_ttl = %d\n[pops.fra]\naddresses = ['192.0.2.1']\nlocation = [0, 0]\n[pops.syd]\naddresses = ['192.0.2.2']\nlocation = [1, 1]\n", ttl)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return Load(path, nil, Options{POP: "fra"})
	}
	g := load(20)
	p := New("fra", g.Config, slog.New(slog.DiscardHandler))
	c := p.checks
	c.watcher = health.NewWatcher(nil, &health.State{})
	c.view.Store(&health.View{Standings: []health.Standing{{POP: "syd", Doubt: true}}})
	p.served.Store(g)
	p.sendAway()
	for _, g := range []*Generation{g, load(5)} {
		p.served.Store(g)
		c.follow(g)
		if got, want := int(p.store.Current().DoubtTTL()), g.Config.Health.DoubtTTL; got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
}
