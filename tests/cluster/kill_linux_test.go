package cluster

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestKilledAtAnyTenthOverTheWAN kills the publisher, or a POP, once so many tenths of what is new have left the laptop: then all POPs serve
// the old or all the new, and the next publication goes through. It is of real processes; what happens at each step of the protocol,
// members in one process say (TestWhoeverDiesAtAnyStep). A round trip takes 20 ms rather than 200, as there are nine of them and no figures.
func TestKilledAtAnyTenthOverTheWAN(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10*time.Millisecond)
	w.run(t, 0, "publish")
	const size = 1 << 20
	noise := rand.NewChaCha8([32]byte{1})
	last := "one"
	for tenth := 1; tenth < 10; tenth++ {
		large := make([]byte, size)
		noise.Read(large)
		w.write(t, "public/large", string(large))
		new := fmt.Sprint("new ", tenth)
		w.zone(t, new)
		who, kill := names[tenth%len(names)], tenth%2 == 0
		begin, publish := w.Sent("home"), w.laptop("publish")
		if err := publish.Start(); err != nil {
			t.Fatal(err)
		}
		for w.Sent("home")-begin < int64(tenth)*size/10 {
			time.Sleep(time.Millisecond)
		}
		if kill {
			w.pops[who].Cmd.Process.Kill()
			<-w.pops[who].Exited
		} else {
			publish.Process.Kill()
		}
		publish.Wait()
		if kill {
			if status := publish.ProcessState.ExitCode(); status != 0 && status != 3 {
				t.Errorf("without %s it ends with %d", who, status) // two of three are a majority
			}
			w.start(t, who)
		}
		w.agree(t, last, new)
		w.zone(t, fmt.Sprint("next ", tenth))
		w.goesThrough(t)
		last = w.agree(t, fmt.Sprint("next ", tenth))
	}
}

// agree waits until all POPs say the same, which has to be one of these.
func (w *world) agree(t *testing.T, texts ...string) (said string) {
	t.Helper()
	for {
		all := map[string]bool{}
		for _, name := range names {
			said = w.txt(name)
			all[said] = true
		}
		if len(all) == 1 && slices.Contains(texts, said) {
			return said
		}
		if t.Context().Err() != nil {
			t.Fatalf("they say %v, want one of %q", all, texts)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// goesThrough publishes. If whoever was killed had been promised the number already, that takes a minute.
func (w *world) goesThrough(t *testing.T) {
	t.Helper()
	for {
		out, err := w.laptop("publish").CombinedOutput()
		if err == nil {
			return
		}
		if !strings.Contains(string(out), "is promised to owner") {
			t.Fatalf("the next publication: %v\n%s", err, out)
		}
		time.Sleep(time.Second)
	}
}
