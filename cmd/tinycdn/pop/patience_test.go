package pop

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/watch"
	"tinycdn/zones/diag"
	"tinycdn/zones/diag/diagtest"
)

// follower is a fixture whose POP follows its files, though nothing reports a change, and a log of that.
type follower struct {
	*fixture
	log diagtest.Log // a watchdog writes it, too
}

func newFollower(t *testing.T) *follower {
	h := &follower{fixture: newFixture(t)}
	log := slog.New(slog.NewTextHandler(&h.log, nil))
	h.pop.log, h.pop.reporter.log, h.pop.progress.log = log, log, log
	h.pop.path = filepath.Join(h.dir, "tinycdn.toml")
	h.pop.watch = watch.New(log)
	h.pop.patience = &patience{log: log, calm: h.pop.watch.Calm, held: map[config.ZoneFile]heldZone{}}
	h.pop.started = h.load().Config
	h.pop.ready.Store(true)
	return h
}

// look looks for changes until nothing is left to wait for, but for no longer than span, and says what the zones have.
func (h *follower) look(span time.Duration) string {
	h.t.Helper()
	for end := time.Now().Add(span); ; {
		h.pop.reload(context.Background(), change{files: true})
		next := h.pop.patience.next
		if next.IsZero() || next.After(end) {
			time.Sleep(time.Until(end))
			return h.has()
		}
		time.Sleep(time.Until(next))
	}
}

// has says how many records each zone has.
func (h *follower) has() string {
	var list []string
	for _, name := range []string{"a.example", "b.example", "c.example"} {
		if z := h.published()[name]; z != nil {
			list = append(list, fmt.Sprint(name, " ", z.Records))
		}
	}
	return strings.Join(list, ", ")
}

// hosts is a zone with some hosts.
func hosts(serial, n int) string {
	var text strings.Builder
	fmt.Fprintf(&text, "$TTL 60\n@ SOA ns h %d 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n", serial)
	for i := range n {
		fmt.Fprintf(&text, "h%d A 192.0.2.1\n", i)
	}
	return text.String()
}

func (h *follower) want(what, got, want string) {
	h.t.Helper()
	if got != want {
		h.t.Errorf("%s: got %s, want %s\n%s", what, got, want, &h.log)
	}
}

func TestAFileThatGrowsWaitsAndOthersDoNot(t *testing.T) {
	h := newFollower(t)
	synctest.Test(t, func(t *testing.T) {
		for i := range 100 {
			h.write("b.example.zone", hosts(2, 2*i))
			h.write("c.example.zone", hosts(2, 2*i))
			if i == 50 {
				h.write("a.example.zone", "$TTL 60\n@ SOA ns.b.example. h 2 2 3 4 5\n@ NS ns.b.example.\nnew A 192.0.2.1\n")
			}
			want := "a.example 2, b.example 3"
			if i > 51 {
				want = "a.example 3, b.example 3"
			}
			if got := h.look(200 * time.Millisecond); i < 50 || i > 60 {
				h.want(fmt.Sprint("line ", i), got, want)
			}
		}
		h.want("it stands still", h.look(5*time.Second), "a.example 3, b.example 201, c.example 201")
		h.write("tinycdn.toml", "zones = [") // half of it
		h.pop.reload(t.Context(), change{files: true})
		h.write("tinycdn.toml", "zones = []\npops.nyc = { addresses = '192.0.2.1', location = [0, 0] }\n")
		if h.look(200 * time.Millisecond); strings.Contains(h.log.String(), "ERROR") {
			t.Errorf("half a configuration was read:\n%s", &h.log)
		}
	})
}

// TestAFirstFileThatIsStillWrittenMendsNothing: that no file fits is over, but whether the file is right nobody knows yet.
func TestAFirstFileThatIsStillWrittenMendsNothing(t *testing.T) {
	h := newFollower(t)
	synctest.Test(t, func(t *testing.T) {
		h.write("tinycdn.toml", "zones = ['a.example.zone', 'b.example.zone', 'new/*.zone']\npops.nyc = { addresses = '192.0.2.1', location = [0, 0] }\n")
		h.look(5 * time.Second)
		wrong := strings.Count(h.log.String(), "ERROR")
		for i := range 10 {
			h.write("new/c.example.zone", hosts(1, 2*i)+"half a li")
			h.look(100 * time.Millisecond)
			if text := h.log.String(); wrong == 0 || strings.Contains(text, "mended") {
				t.Fatalf("line %d:\n%s", i, text)
			}
		}
		h.look(5 * time.Second)
		if text := h.log.String(); strings.Contains(text, "mended") || strings.Count(text, "ERROR") != wrong+1 {
			t.Errorf("its mistake is not told:\n%s", text)
		}
		h.write("new/c.example.zone", hosts(1, 2))
		h.want("it is right", h.look(5*time.Second), "a.example 2, b.example 3, c.example 5")
		if text := h.log.String(); strings.Count(text, "mended") != 1 {
			t.Errorf("it is right:\n%s", text)
		}
	})
}

func TestAZoneThatLosesMuchWaitsUntilItIsLeftAlone(t *testing.T) {
	h := newFollower(t)
	synctest.Test(t, func(t *testing.T) {
		h.write("b.example.zone", hosts(2, 8)) // ten names
		h.want("more", h.look(5*time.Second), "a.example 2, b.example 11")
		h.write("b.example.zone", hosts(3, 6))
		h.want("a fifth", h.look(5*time.Second), "a.example 2, b.example 9")
		h.write("b.example.zone", hosts(4, 3))
		h.write("a.example.zone", "$TTL 60\n@ SOA ns.b.example. h 2 2 3 4 5\n@ NS ns.b.example.\nnew A 192.0.2.1\n")
		h.want("more than a fifth", h.look(9*time.Second), "a.example 3, b.example 9")
		h.write("b.example.zone", hosts(4, 4))
		h.want("it changes again", h.look(9*time.Second), "a.example 3, b.example 9")
		if strings.Contains(h.log.String(), "has lost") {
			t.Errorf("too early:\n%s", &h.log)
		}
		h.want("it was left alone", h.look(9*time.Second), "a.example 3, b.example 7")
		if !strings.Contains(h.log.String(), `level=WARN msg="`+h.dir+`/b.example.zone: zone b.example has lost 2 of its 8 names"`) {
			t.Errorf("not told:\n%s", &h.log)
		}

		h.write("b.example.zone", hosts(5, 0))
		h.want("nearly all", h.look(5*time.Second), "a.example 3, b.example 7")
		h.write("b.example.zone", hosts(6, 3))
		h.want("back but for one", h.look(5*time.Second), "a.example 3, b.example 7")
		h.write("b.example.zone", hosts(7, 9))
		h.want("all back", h.look(5*time.Second), "a.example 3, b.example 12")

		h.write("b.example.zone", hosts(8, 0))
		h.pop.reload(t.Context(), change{asked: true, files: true, sites: true})
		h.want("asked for", h.has(), "a.example 3, b.example 3")
	})
}

// A TOML zone and what it includes come one after the other.
func TestTheFilesOfAZoneAreTakenTogether(t *testing.T) {
	h := newFollower(t)
	h.write("c.example.zone", "$INCLUDE head\n$INCLUDE hosts\n")
	h.write("head", "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n")
	h.write("hosts", "ns 60 A 192.0.2.1\n")
	h.load()
	synctest.Test(t, func(t *testing.T) {
		h.look(10 * time.Second)
		h.write("head", "$TTL 60\n@ SOA ns h 2 2 3 4 5\n@ NS ns\n@ MX 1 mail\n")
		h.want("the first", h.look(time.Second), "a.example 2, b.example 3, c.example 3")
		h.write("hosts", "ns 60 A 192.0.2.1\nmail 60 A 192.0.2.2\n")
		h.want("both", h.look(5*time.Second), "a.example 2, b.example 3, c.example 5")
		if strings.Contains(h.log.String(), "ERROR") {
			t.Errorf("half of it was read:\n%s", &h.log)
		}
	})
}

func TestAnIdlePOPReadsNothing(t *testing.T) {
	t.Parallel()
	p := newIdlePOP(t, 10, 10)
	everything := change{files: true, sites: true}
	if !p.unchanged(everything) {
		t.Error("it would read what is unchanged")
	}
	dir := filepath.Dir(p.path)
	const zone = "@ 60 SOA ns.test. h.test. 1 2 3 4 5\n@ 60 NS ns.test.\n"
	for what, change := range map[string]func() error{
		"a zone more": func() error { return os.WriteFile(filepath.Join(dir, "zones", "n.test.zone"), []byte(zone), 0o600) },
		"a zone less": func() error { return os.Remove(filepath.Join(dir, "zones", "z1.test.zone")) },
		"a zone": func() error {
			return os.Chtimes(filepath.Join(dir, "zones", "z2.test.zone"), time.Time{}, time.Unix(1, 0))
		},
		"the configuration": func() error { return os.Chtimes(p.path, time.Time{}, time.Unix(1, 0)) },
	} {
		p.readAgain(t)
		if !p.unchanged(everything) {
			t.Errorf("before %s: it would read what is unchanged", what)
		}
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if p.unchanged(everything) {
			t.Errorf("%s: not seen", what)
		}
	}
}

// TestAReloadThatStandsIsToldAndKeepsNoStopWaiting: what hangs is a look at a file, as on a disk that is gone.
func TestAReloadThatStandsIsToldAndKeepsNoStopWaiting(t *testing.T) {
	h := newFollower(t)
	synctest.Test(t, func(t *testing.T) {
		disk := make(chan struct{})
		var hangs atomic.Bool
		h.pop.patience.calm = func(diag.Files, time.Time, time.Duration) bool {
			hangs.Store(true)
			<-disk
			hangs.Store(false)
			return true
		}
		h.write("b.example.zone", hosts(2, 5))
		ctx, stop := context.WithCancel(t.Context())
		h.pop.watch, h.pop.reloads = watch.New(h.pop.log), make(chan os.Signal, 1)
		over := make(chan struct{})
		go func() { h.pop.takeOver(ctx); close(over) }()
		h.pop.watch.Files.C <- struct{}{}
		time.Sleep(tooLong - time.Second)
		if step, since := h.pop.reloading(); !hangs.Load() || step != "zone "+h.dir+"/b.example.zone" || time.Since(since) != tooLong-time.Second {
			t.Errorf("it is at %q since %v", step, since)
		}
		if strings.Contains(h.log.String(), "ERROR") {
			t.Error("told too early")
		}
		time.Sleep(5 * tooLong)
		if told := strings.Count(h.log.String(), `level=ERROR msg="the reload stands at zone `+h.dir+`/b.example.zone"`); told != 1 {
			t.Errorf("told %d times:\n%s", told, &h.log)
		}
		h.pop.reloads <- os.Interrupt // remembered
		close(disk)
		synctest.Wait()
		if got := h.log.String(); !strings.Contains(got, "the reload that stood has ended") || h.has() != "a.example 2, b.example 8" || len(h.pop.reloads) > 0 {
			t.Errorf("%s\n%s", h.has(), got)
		}
		if step, _ := h.pop.reloading(); step != "" {
			t.Errorf("it is at %q still", step)
		}
		stop()
		<-over
	})
}

func TestAStopWaitsForNoReload(t *testing.T) {
	h := newFollower(t)
	disk := make(chan struct{})
	reached := make(chan struct{})
	h.pop.patience.calm = func(diag.Files, time.Time, time.Duration) bool {
		close(reached)
		<-disk
		return true
	}
	h.write("b.example.zone", hosts(2, 5))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- h.pop.follow(ctx) }()
	<-reached
	stop()
	if err := <-ended; err != nil { // while it still stands
		t.Error(err)
	}
	close(disk)
}
