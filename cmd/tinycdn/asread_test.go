package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/exit"
)

// trying is a folder, and members of its cluster on loopback that load nothing.
type trying struct {
	folder string
	pops   map[string]*tryingPOP
	sent   atomic.Int64 // requests with contents

	rival   atomic.Pointer[func()] // is called before another prepares a generation
	ci      roster.PrivateKey
	members *roster.Roster
}

type tryingPOP struct {
	*cluster.Member
	stop     func()
	behind   atomic.Int64             // its clock is
	mistakes atomic.Pointer[[]string] // that it finds
}

// newTrying has somebody publish from this process: its environment says who that is.
func newTrying(t *testing.T) *trying {
	t.Helper()
	c := &trying{folder: t.TempDir(), pops: map[string]*tryingPOP{}}
	owner := roster.NewKey()
	c.ci = roster.NewKey()
	members := &roster.Roster{Version: 1, Owner: owner.Public(), Publishers: []roster.Publisher{{Name: "ci", Key: c.ci.Public(), May: []roster.Right{roster.Publish, roster.Status}}}}
	listeners := map[string]net.Listener{}
	for _, name := range []string{"fra", "nyc", "syd"} {
		p := &tryingPOP{}
		p.mistakes.Store(new([]string))
		dir := t.TempDir()
		host := cluster.Host{
			Version: "v0.9 of another day",
			Load: func(string, []cluster.Asset) (cluster.Ready, []string) {
				if wrong := *p.mistakes.Load(); len(wrong) > 0 {
					return nil, wrong
				}
				return "all", nil
			},
			Serve: func(cluster.Ready) error { return nil },
		}
		err := os.WriteFile(filepath.Join(dir, "identity"), fmt.Appendf(nil, "name %s\nowner %v\n", name, owner.Public()), 0o600)
		if err == nil {
			p.Member, err = cluster.Open(dir, host, slog.New(slog.DiscardHandler))
		}
		if err == nil {
			listeners[name], err = net.Listen("tcp", "127.0.0.1:0")
		}
		if err != nil {
			t.Fatal(err)
		}
		c.pops[name] = p
		members.POPs = append(members.POPs, roster.POP{Name: name, Key: p.Key().Public(), Addresses: []netip.AddrPort{netip.MustParseAddrPort(listeners[name].Addr().String())}})
	}
	c.members = members
	text := members.Marshal(owner)
	for name, p := range c.pops {
		if err := p.TakeRoster(text); err != nil {
			t.Fatal(err)
		}
		c.run(t, p, listeners[name])
	}
	c.write(t, "tinycdn.toml", "zones = [\"*.zone\"]\n")
	c.write(t, "example.org.zone", "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n")
	c.write(t, ".tinycdn/roster", string(text))
	t.Setenv("TINYCDN_KEY", string(owner.Marshal("")))
	return c
}

func (c *trying) run(t *testing.T, p *tryingPOP, l net.Listener) {
	t.Helper()
	h := p.Handler()
	server, err := channel.NewServer(p.Key(), p.Known, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/contents":
			c.sent.Add(1)
		case "/v1/prepare":
			if rival := c.rival.Load(); rival != nil && channel.Caller(r.Context()) != c.ci.Public() {
				(*rival)()
			}
		case "/v1/status":
			p.answerStatus(h, w, r)
			return
		}
		h.ServeHTTP(w, r)
	}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { server.ServeListener(ctx, l, nil) })
	work.Go(func() { server.Serve(ctx) })
	work.Go(func() { p.Run(ctx) })
	p.stop = func() { stop(); work.Wait() }
	t.Cleanup(p.stop)
}

// answerStatus is by the clock that the POP has.
func (p *tryingPOP) answerStatus(h http.Handler, w http.ResponseWriter, r *http.Request) {
	var s cluster.Status
	said := httptest.NewRecorder()
	h.ServeHTTP(said, r)
	if err := json.Unmarshal(said.Body.Bytes(), &s); err != nil {
		panic(err)
	}
	s.Now = s.Now.Add(-time.Duration(p.behind.Load()))
	json.NewEncoder(w).Encode(s)
}

func (c *trying) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(c.folder, name)
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// types types a command, and gives its status and all that is read of it.
func (c *trying) types(t *testing.T, args ...string) (status int, text string) {
	t.Helper()
	var out bytes.Buffer
	command := newCommand()
	command.SetOut(&out)
	command.SetErr(&out)
	command.SetArgs(append(args, "--config", filepath.Join(c.folder, "tinycdn.toml")))
	if err := command.ExecuteContext(t.Context()); err != nil {
		var untold error
		if status, untold = exit.Of(err); untold != nil {
			fmt.Fprintln(&out, untold)
		}
	}
	return status, out.String()
}

// publishAsCI has somebody else publish, after what is live.
func (c *trying) publishAsCI(t *testing.T) {
	p := &cluster.Publisher{Key: c.ci, Members: c.members}
	defer p.Close()
	all, _ := p.Status(t.Context())
	parent, err := p.Manifest(t.Context(), cluster.Newest(all).ID)
	if err != nil {
		t.Error(err)
		return
	}
	zone := filepath.Join(t.TempDir(), "example.org.zone")
	if err := os.WriteFile(zone, []byte("$TTL 60\n@ SOA ns h 3 2 3 4 5\n@ NS ns\nns A 192.0.2.3\n"), 0o600); err != nil {
		t.Error(err)
		return
	}
	changed, _ := manifest.Scan(filepath.Dir(zone), []string{"example.org.zone"})
	files := slices.Clone(parent.Files)
	files[slices.IndexFunc(files, func(f manifest.File) bool { return f.Path == "example.org.zone" })] = changed[0]
	next := manifest.Manifest{Number: parent.ID.Number + 1, Parent: parent.ID, Config: parent.Config, By: "ci", Time: time.Now(), Files: parent.Follow(files, time.Now())}
	list, err := next.Sign(c.ci)
	if err == nil {
		_, err = p.Publish(t.Context(), list, cluster.FromFiles(map[manifest.Hash]string{changed[0].Hash: zone}))
	}
	if err != nil {
		t.Error(err)
	}
}

// TestFaultsAsTheyAreRead is of what people are told by publish when something is wrong that they can mend.
func TestFaultsAsTheyAreRead(t *testing.T) {
	c := newTrying(t)
	check := func(what string, status int, wants ...string) {
		t.Helper()
		got, text := c.types(t, "publish")
		for _, want := range wants {
			if got != status || !strings.Contains(text, want) {
				t.Errorf("%s: status %d, want %d and %q:\n%s", what, got, status, want, text)
			}
		}
	}
	for _, p := range c.pops {
		p.behind.Store(int64(2 * time.Hour))
	}
	check("a laptop's clock", 1, "this machine's clock is 2 h ahead of fra, nyc, syd\n")
	for name, p := range c.pops {
		if p.behind.Store(0); name == "syd" {
			p.behind.Store(-int64(2 * time.Hour))
		}
	}
	check("the clock of a POP", 0, "live        generation 1 at fra, nyc, syd")

	c.write(t, "example.org.zone", "$TTL 60\n@ SOA ns h 2 2 3 4 5\n@ NS ns\nns A 192.0.2.2\n")
	c.pops["syd"].mistakes.Store(&[]string{`tinycdn.toml:8: maps.all: unknown key "newer"`})
	check("a POP that is older", 1, "syd: tinycdn.toml:8: maps.all: unknown key \"newer\"\nsyd runs tinycdn v0.9 of another day, and this is ", ": tinycdn upgrade syd\n")
	c.pops["syd"].mistakes.Store(new([]string))

	c.rival.Store(new(sync.OnceFunc(func() { c.publishAsCI(t) })))
	check("somebody who was faster", 4, "somebody else was faster, and nothing was changed: ", "fra: generation 2 of ci is live since "+time.Now().UTC().Format("2006-"), "syd: generation 2 of ci is live since ")
	check("a folder from before", 4, "generation 2 by ci changed what is otherwise here: example.org.zone (tinycdn pull brings it, --over 2 goes over it)\n")

	c.sent.Store(0)
	c.pops["syd"].Keep(10, 2<<20, 0)
	c.write(t, "large.zone", "$TTL 60\n$ORIGIN example.com.\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"+strings.Repeat("; "+strings.Repeat("x", 98)+"\n", 40_000))
	c.write(t, "example.org.zone", "$TTL 60\n@ SOA ns h 3 2 3 4 5\n@ NS ns\nns A 192.0.2.3\n") // as it is live
	check("a disk that is full", 1, "syd: 1 MB free, 5 MB needed\n")
	if n := c.sent.Load(); n > 0 {
		t.Errorf("contents were sent %d times before it was known that there is no room", n)
	}
}

// TestAPOPThatIsKnownToBeDownIsNoFailure of a publication: it catches up before anybody is sent to it.
func TestAPOPThatIsKnownToBeDownIsNoFailure(t *testing.T) {
	c := newTrying(t)
	c.pops["syd"].stop()
	for i, one := range []struct {
		out    string // of the answers, says fra
		status int
		want   string
	}{
		{`{}`, 3, "not yet     syd: 127.0.0.1:"},
		{`{"out":{"syd":1764367200}}`, 3, "not yet     syd: 127.0.0.1:"},
		{`{"out":{"syd":1764367200}}`, 0, "not yet     syd: it is down, as the others say, and catches up before visitors are sent to it: 127.0.0.1:"},
	} {
		c.pops["fra"].SayHealth([]byte(one.out), false)
		if one.status == 0 {
			c.pops["nyc"].SayHealth([]byte(one.out), false)
		}
		c.write(t, "example.org.zone", fmt.Sprintf("$TTL 60\n@ SOA ns h %d 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n", 10+i))
		if got, text := c.types(t, "publish"); got != one.status || !strings.Contains(text, one.want) {
			t.Errorf("%s: status %d, want %d and %q:\n%s", one.out, got, one.status, one.want, text)
		}
	}
}
