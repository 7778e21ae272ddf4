package cluster

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// drainedHere is who is drained as a POP knows it.
func (p *testPOP) drainedHere() string {
	var list []string
	for _, d := range p.Drainage().Drains {
		list = append(list, d.POP+" by "+d.By)
	}
	return strings.Join(list, ", ")
}

func TestADrainIsKnownEverywhereAtOnce(t *testing.T) {
	t.Parallel()
	var told atomic.Int32
	c := newClusterOf(t, func(p *testPOP) { p.host.Drained = func(drains.News) { told.Add(1) } }, "nyc", "fra", "syd")
	p := &Publisher{Key: c.owner, Members: c.members}
	defer p.Close()
	d, err := p.Drain(t.Context(), "syd", true, 2*time.Hour)
	if err != nil || len(d.Silent) > 0 || len(d.Drains) != 1 || d.All() {
		t.Fatalf("%+v, %v", d, err)
	}
	for _, pop := range c.pops {
		if got := pop.drainedHere(); got != "syd by owner" {
			t.Errorf("%s: %q", pop.name, got)
		}
	}
	if told.Load() != 3 {
		t.Errorf("%d hosts were told", told.Load())
	}
	for _, name := range []string{"nyc", "fra"} {
		if d, err = p.Drain(t.Context(), name, true, 0); err != nil {
			t.Fatal(err)
		}
	}
	if !d.All() {
		t.Errorf("nobody is left: %+v", d)
	}
	if d, err = c.pops[1].Drain(t.Context(), "syd", false, 0, "fra"); err != nil || len(d.Drains) != 2 {
		t.Errorf("%+v, %v", d, err)
	}
	if got := c.pops[2].drainedHere(); got != "fra by owner, nyc by owner" {
		t.Errorf("syd: %q", got)
	}
	if d, err := p.Drain(t.Context(), "", false, 0); err != nil || len(d.Drains) != 2 || len(d.POPs) != 3 {
		t.Errorf("asked: %+v, %v", d, err)
	}
	if _, err := p.Drain(t.Context(), "sid", true, 0); err == nil || !strings.Contains(err.Error(), `there is no POP "sid": there are fra, nyc, syd`) {
		t.Errorf("of a POP that there is not: %v", err)
	}
}

func TestAPOPThatWasAwayHearsOfDrains(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	nyc, syd := c.pops[0], c.pops[2]
	if _, err := nyc.Drain(t.Context(), "fra", true, 0, "nyc"); err != nil {
		t.Fatal(err)
	}
	syd.stop()
	d, err := nyc.Drain(t.Context(), "nyc", true, time.Hour, "nyc")
	if err != nil || fmt.Sprint(d.Silent) != "[syd]" {
		t.Fatalf("who does not know of it is not named: %+v, %v", d, err)
	}
	if syd.listener, err = net.Listen("tcp", syd.listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if syd.Member, err = Open(syd.Dir(), syd.host, slog.New(slog.DiscardHandler)); err != nil { // another process
		t.Fatal(err)
	}
	if got := syd.drainedHere(); got != "fra by nyc" {
		t.Errorf("after the restart: %q", got)
	}
	syd.run(t)
	await(t, "syd hears of it", func() bool { return syd.drainedHere() == "fra by nyc, nyc by nyc" })
}

func TestADrainEndsEverywhereByItself(t *testing.T) {
	t.Parallel()
	var told atomic.Int32
	c := newClusterOf(t, func(p *testPOP) { p.host.Drained = func(drains.News) { told.Add(1) } }, "nyc", "fra")
	if _, err := c.pops[0].Drain(t.Context(), "fra", true, time.Second, "nyc"); err != nil {
		t.Fatal(err)
	}
	await(t, "both hosts are told twice", func() bool { return told.Load() == 4 })
	for _, p := range c.pops {
		if got := p.drainedHere(); got != "" {
			t.Errorf("%s: %q", p.name, got)
		}
	}
}

func TestWhoMayDrain(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra")
	ci, ops := roster.NewKey(), roster.NewKey()
	next := *c.members
	next.Version, next.Publishers = 2, []roster.Publisher{
		{Name: "ci", Key: ci.Public(), May: []roster.Right{roster.Publish, roster.Status}},
		{Name: "ops", Key: ops.Public(), May: []roster.Right{roster.Drain}},
	}
	for _, p := range c.pops {
		if err := p.TakeRoster(next.Marshal(c.owner)); err != nil {
			t.Fatal(err)
		}
	}
	as := func(key roster.PrivateKey) *Publisher {
		p := &Publisher{Key: key, Members: &next}
		t.Cleanup(p.Close)
		return p
	}
	var refused *channel.Refused
	if _, err := as(ci).Drain(t.Context(), "fra", true, 0); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("ci: %v", err)
	}
	if _, err := as(ops).Drain(t.Context(), "fra", true, 0); err != nil {
		t.Errorf("ops: %v", err)
	}
	if got := c.pops[1].drainedHere(); got != "fra by ops" {
		t.Error(got)
	}
	// It stays when his key goes: it was a POP that took his word. Of a POP that is gone nothing does.
	last := next
	last.Version, last.Publishers, last.POPs = 3, nil, next.POPs[:1]
	if err := c.pops[0].TakeRoster(last.Marshal(c.owner)); err != nil {
		t.Fatal(err)
	}
	if got := c.pops[0].drainedHere(); got != "" {
		t.Errorf("fra is drained, and no POP: %q", got)
	}
}
