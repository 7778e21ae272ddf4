package cluster

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestNothingIsLostWhilePublishing asks all POPs, all the time, while generation after generation becomes live.
func TestNothingIsLostWhilePublishing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10*time.Millisecond)
	w.run(t, 0, "publish")
	visitors := w.Command("home", os.Args[0])
	visitors.Env = append(os.Environ(), "TINYCDN_VISIT="+strings.Join([]string{w.Address("nyc"), w.Address("fra"), w.Address("syd")}, " "))
	end, err := visitors.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	visitors.Stdout, visitors.Stderr = &said, &said
	if err := visitors.Start(); err != nil {
		t.Fatal(err)
	}
	const publishes = 20
	for i := range publishes {
		text := fmt.Sprintf("generation %d", i)
		w.zone(t, text)
		w.write(t, "public/index.html", text)
		w.run(t, 0, "publish")
	}
	w.serve(t, fmt.Sprintf("generation %d", publishes-1), names...)
	end.Close()
	if err := visitors.Wait(); err != nil || !regexp.MustCompile(`^[1-9]\d* queries, [1-9]\d* requests, 0 lost\n$`).MatchString(said.String()) {
		t.Errorf("%v\n%s", err, &said)
	}
	t.Log(said.String())
}
