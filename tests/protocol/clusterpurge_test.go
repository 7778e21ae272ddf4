package protocol

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"tinycdn/tests/testkit"
)

// asks asks a POP for the page of the application, or with PURGE to forget it.
func (c *cluster) asks(method, pop string) (int, string) {
	c.t.Helper()
	request, err := http.NewRequest(method, fmt.Sprintf("http://%s:%d/page", clusterAddresses[pop], c.ports.HTTP), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Host = "app.example"
	response, err := (&http.Client{Timeout: testkit.Patience}).Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, strings.TrimSpace(string(text))
}

func TestAPurgeIsForgottenByAllPOPs(t *testing.T) {
	t.Parallel()
	c := newCluster(t, strings.Replace(clusterFiles, "[sites.", "admin = \"127.0.0.0/8\"\n[sites.app]\nhosts = \"app.example\"\norigin = \"http://127.0.0.1:$APP\"\n[sites.", 1))
	var fetches atomic.Int64
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", c.ports.App))
	if err != nil {
		t.Fatal(err)
	}
	app := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600")
		fmt.Fprint(w, fetches.Add(1))
	})}
	go app.Serve(l)
	t.Cleanup(func() { app.Close() })
	c.run(0, "", "publish")
	fill := func() {
		for pop := range clusterAddresses {
			if status, text := c.asks("GET", pop); status != http.StatusOK {
				t.Fatalf("%s: %d %s", pop, status, text)
			}
		}
	}
	c.await("all hear each other", func() bool { return !strings.Contains(c.run(0, "", "status"), " NOT") })
	fill()
	c.run(0, "http://app.example/page: fra 1, nyc 1, syd 1 forgotten", "purge", "http://app.example/page")
	fill()
	if status, text := c.asks("PURGE", "fra"); status != http.StatusOK || text != "fra 1, nyc 1, syd 1 forgotten" {
		t.Errorf("PURGE at fra: %d %q", status, text)
	}
	if fetches.Load() != 6 {
		t.Errorf("%d fetches, want 6", fetches.Load())
	}

	if response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/.well-known/tinycdn/health", c.ports.HTTP)); err != nil {
		t.Error(err)
	} else {
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if !strings.Contains(string(text), `"generation": {
    "1": {
      "ok": true,
      "fresh": true,`) {
			t.Errorf("the health page says\n%s", text)
		}
	}

	// Who is cut off makes up for it.
	fill()
	syd := c.pops["syd"].Cmd.Process
	syd.Signal(syscall.SIGSTOP)
	c.run(3, "fra 1, nyc 1 forgotten; syd not yet", "purge", "app.example/page")
	syd.Signal(syscall.SIGCONT)
	before := fetches.Load()
	c.await("syd forgets what was purged", func() bool {
		c.asks("GET", "syd")
		return fetches.Load() > before
	})
}
