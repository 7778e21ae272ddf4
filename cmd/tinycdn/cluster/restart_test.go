package cluster

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// standIn has another process answer in place of p, at the same address and with the same folder.
func (p *testPOP) standIn(t *testing.T) *testPOP {
	t.Helper()
	host := p.host
	host.StandsIn = true
	other := &testPOP{}
	host.Purge = func(url string) (int, error) {
		other.mu.Lock()
		defer other.mu.Unlock()
		other.purged = append(other.purged, url)
		return len(other.purged), nil
	}
	var err error
	if other.Member, err = Open(p.dir, host, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if other.listener, err = net.Listen("tcp", p.listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	return other
}

// link is how a POP hears another.
func (p *testPOP) link(name string) Link {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.Member.mu.Lock()
	defer p.Member.mu.Unlock()
	return p.mine.Hears[name]
}

func TestWhoStandsInIsNotMissedAndChangesNothing(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra")
	nyc, fra := c.pops[0], c.pops[1]
	list, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	nyc.Ask(t.Context())
	if _, err := fra.Purge(t.Context(), "http://example.org/", 0); err != nil {
		t.Fatal(err)
	}
	fra.stop()
	before := fileTimes(t, fra.dir)
	other := fra.standIn(t)
	if path := other.Config(); !strings.HasSuffix(path, "/view/tinycdn.toml") {
		t.Errorf("it is to serve %q", path)
	}
	// The first who comes is hung up on: he was with the process that ends.
	conn := make(chan net.Conn)
	go func() {
		one, _ := other.listener.Accept()
		conn <- one
	}()
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		nyc.Ask(t.Context())
	}()
	(<-conn).Close()
	server, err := channel.NewServer(other.key, other.Known, other.Handler())
	if err != nil {
		t.Fatal(err)
	}
	go server.ServeListener(t.Context(), other.listener, nil)
	go server.Serve(t.Context())
	<-asked
	if got := nyc.link("fra"); got.Error != "" {
		t.Errorf("nyc reports of fra: %s", got.Error)
	}
	if p, err := nyc.Purge(t.Context(), "http://example.org/x", 0); err != nil || p.Forgotten["fra"] != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, out, err := c.publish(t, list, "two"); err == nil || out.Wrong["fra"] == nil || !strings.Contains(out.Wrong["fra"].Error(), "it is being restarted") {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := other.Purge(t.Context(), "http://example.org/y", 0); !errors.Is(err, errResting) {
		t.Error(err)
	}
	if after := fileTimes(t, fra.dir); after != before {
		t.Errorf("the folder was\n%sand is\n%s", before, after)
	}
}

// fileTimes says when what is at the top of a folder was changed.
func fileTimes(t *testing.T, dir string) (text string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		text += e.Name() + " " + info.ModTime().String() + "\n"
	}
	return text
}

func TestAPOPThatMakesWayLoadsNothing(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra")
	list, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	goOn := c.pops[1].Rest()
	if _, out, err := c.publish(t, list, "two"); err == nil || out.Wrong["fra"] == nil || c.pops[1].serving() != "one" {
		t.Errorf("%+v, %v", out, err)
	}
	goOn()
	if _, out, err := c.publish(t, list, "three"); err != nil || len(out.Live) != 2 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestOnlyWhoMayPublishAllHasAPOPRestarted(t *testing.T) {
	t.Parallel()
	restarts := make(chan struct{}, 10)
	c := newClusterOf(t, func(p *testPOP) {
		p.host.Restart = func(context.Context) error { restarts <- struct{}{}; return nil }
	}, "nyc", "fra")
	all, some := roster.NewKey(), roster.NewKey()
	next := *c.members
	next.Version, next.Publishers = 2, []roster.Publisher{
		{Name: "all", Key: all.Public(), May: []roster.Right{roster.Publish}},
		{Name: "some", Key: some.Public(), May: []roster.Right{roster.Publish}, Paths: []string{"public/**"}},
	}
	if err := c.pops[0].TakeRoster(next.Marshal(c.owner)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		who string
		key roster.PrivateKey
		may bool
	}{{"the owner", c.owner, true}, {"a publisher", all, true}, {"one of some files", some, false}, {"a POP", c.pops[1].key, false}} {
		client := channel.NewClient(test.key, c.members.POPs[0])
		defer client.Close()
		err := client.Call(t.Context(), "/v1/restart", struct{}{}, nil)
		if refused := (*channel.Refused)(nil); (err == nil) != test.may || err != nil && (!errors.As(err, &refused) || refused.Status != http.StatusBadRequest) {
			t.Errorf("%s: %v", test.who, err)
		}
	}
	if len(restarts) != 2 {
		t.Errorf("%d restarts", len(restarts))
	}
}
