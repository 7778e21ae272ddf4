package store

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// TestWhatIsAskedForWhileGarbageGoesIsTaken: a generation is published while what the one before has left is swept up.
func TestWhatIsAskedForWhileGarbageGoesIsTaken(t *testing.T) {
	t.Parallel()
	s := open(t)
	last := &manifest.Signed{}
	for i := range 10 {
		last = serve(t, s, last, map[string]string{"a": fmt.Sprint(i)})
	}
	done, swept := make(chan struct{}), make(chan struct{})
	var work sync.WaitGroup
	defer work.Wait()
	defer close(done)
	work.Go(func() {
		for {
			if err := s.Collect(time.Now(), DefaultLimits(), 0); err != nil {
				t.Error(err)
			}
			select {
			case <-done:
				return
			case swept <- struct{}{}:
			default: // nobody waits for it
			}
		}
	})
	for i := range 40 {
		next := list(t, last, map[string]string{"a": fmt.Sprint("new ", i)})
		if err := s.KeepManifest(next); err != nil {
			t.Fatal(err)
		}
		missing := s.Missing(&next.Manifest)
		<-swept // which began before, mostly
		for _, p := range missing {
			if !s.Asked(p.Hash, p.Size) {
				t.Fatalf("round %d: %v was asked for, and is not taken", i, p.Hash)
			}
		}
	}
}
