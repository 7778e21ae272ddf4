package cluster

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// testPOP is a member whose host reads a single file.
type testPOP struct {
	*Member
	listener net.Listener
	mu       sync.Mutex
	serves   string
	purged   []string
	loading  func() // is called before something is loaded
	wrap     func(http.Handler) http.Handler
	stop     func()
}

// testCluster is some POPs that listen on loopback, and their owner.
type testCluster struct {
	owner   roster.PrivateKey
	members *roster.Roster
	pops    []*testPOP
}

func newCluster(t *testing.T, names ...string) *testCluster {
	t.Helper()
	return newClusterOf(t, func(*testPOP) {}, names...)
}

// newClusterOf is newCluster of POPs that are changed before they run.
func newClusterOf(t *testing.T, change func(*testPOP), names ...string) *testCluster {
	t.Helper()
	c := &testCluster{owner: roster.NewKey()}
	c.members = &roster.Roster{Version: 1, Owner: c.owner.Public()}
	for _, name := range names {
		p := newTestPOP(t, name, c.owner.Public())
		c.pops = append(c.pops, p)
		address := netip.MustParseAddrPort(p.listener.Addr().String())
		c.members.POPs = append(c.members.POPs, roster.POP{Name: name, Key: p.key.Public(), Addresses: []netip.AddrPort{address}})
	}
	text := c.members.Marshal(c.owner)
	for _, p := range c.pops {
		if err := p.TakeRoster(text); err != nil {
			t.Fatal(err)
		}
		change(p)
		p.run(t)
	}
	return c
}

var addresses atomic.Uint32

// ownAddress is one that nobody else uses, so that whoever comes back finds his port free.
func ownAddress() string {
	n := addresses.Add(1)
	return fmt.Sprintf("127.77.%d.%d", n/250, 1+n%250)
}

func newTestPOP(t *testing.T, name string, owner roster.Key) *testPOP {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "identity"), fmt.Appendf(nil, "name %s\nowner %v\n", name, owner), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &testPOP{}
	host := Host{
		Load: func(config string, _ []Asset) (Ready, []string) {
			if p.loading != nil {
				p.loading()
			}
			text, err := os.ReadFile(config)
			if err != nil || strings.HasPrefix(string(text), "wrong") {
				return nil, []string{config + ":1: it is wrong"}
			}
			return string(text), nil
		},
		Purge: func(url string) (int, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.purged = append(p.purged, url)
			return len(p.purged), nil
		},
		PurgeAll: func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.purged = append(p.purged, "everything")
		},
		Serve: func(ready Ready) error {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.serves = ready.(string)
			return nil
		},
	}
	var err error
	if p.Member, err = Open(dir, host, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if p.listener, err = net.Listen("tcp", ownAddress()+":0"); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *testPOP) run(t *testing.T) {
	t.Helper()
	handler := p.Handler()
	if p.wrap != nil {
		handler = p.wrap(handler)
	}
	server, err := channel.NewServer(p.key, p.Known, handler)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { server.ServeListener(ctx, p.listener, nil) })
	work.Go(func() { server.Serve(ctx) })
	work.Go(func() { p.Run(ctx) })
	p.stop = func() { stop(); work.Wait() }
	t.Cleanup(p.stop)
}

func (p *testPOP) serving() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.serves
}

// publish publishes one file after parent.
func (c *testCluster) publish(t *testing.T, parent *manifest.Signed, text string) (*manifest.Signed, Outcome, error) {
	t.Helper()
	return c.publishAs(t.Context(), t, &Publisher{Key: c.owner, Members: c.members}, parent, text)
}

func (c *testCluster) publishAs(ctx context.Context, t *testing.T, p *Publisher, parent *manifest.Signed, text string) (*manifest.Signed, Outcome, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tinycdn.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := manifest.Scan(filepath.Dir(path), []string{"tinycdn.toml"})
	if err != nil {
		t.Fatal(err)
	}
	who, _ := p.Members.PublisherOf(p.Key.Public())
	m := manifest.Manifest{Number: parent.ID.Number + 1, Parent: parent.ID, Config: "tinycdn.toml", By: who.Name, Time: time.Now(), Files: parent.Follow(files, time.Now())}
	list, err := m.Sign(p.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	out, err := p.Publish(ctx, list, FromFiles(map[manifest.Hash]string{files[0].Hash: path}))
	return list, out, err
}

func TestAGenerationIsServedEverywhere(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	list, out, err := c.publish(t, &manifest.Signed{}, "one"+strings.Repeat("x", 500<<10))
	if err != nil || len(out.Live) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	if _, out, err = c.publish(t, list, "two"); err != nil || len(out.Live) != 3 {
		t.Fatalf("%+v, %v", out, err)
	}
	for _, p := range c.pops {
		if got := p.serving(); got != "two" {
			t.Errorf("%s serves %q", p.name, got)
		}
	}
}

func TestAMistakeChangesNothing(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra")
	list, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = c.publish(t, list, "wrong")
	if wrong, ok := err.(*Mistakes); !ok || len(wrong.Lines) != 2 || wrong.Lines[0] != "fra: tinycdn.toml:1: it is wrong" {
		t.Errorf("%#v", err)
	}
	if _, _, err := c.publish(t, list, "two"); err != nil {
		t.Error(err)
	}
	if got := c.pops[0].serving(); got != "two" {
		t.Errorf("nyc serves %q", got)
	}
}

func TestAPOPThatWasAwayCatchesUp(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	syd := c.pops[2]
	syd.stop()
	if _, out, err := c.publish(t, &manifest.Signed{}, "one"); err != nil || len(out.Live) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	var err error
	if syd.listener, err = net.Listen("tcp", syd.listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	syd.run(t)
	for syd.serving() != "one" {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("it does not catch up")
		}
	}
}
