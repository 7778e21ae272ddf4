package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// certified are POPs that say of certificates who was asked, and of which one says that it orders.
type certified struct {
	*testCluster
	mu    sync.Mutex
	asked []string
	fault error
}

func newCertified(t *testing.T, orderer string, names ...string) *certified {
	c := &certified{}
	note := func(text string) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asked = append(c.asked, text)
		return c.fault
	}
	c.testCluster = newClusterOf(t, func(p *testPOP) {
		p.host.Report = func() Report { return Report{Orders: &OrdersReport{Orderer: orderer}} }
		p.host.Orders.List = func() ([]byte, error) { return fmt.Appendf(nil, `[{"at":%q}]`, p.name), note("list at " + p.name) }
		p.host.Orders.Do = func(_ context.Context, o CertsOrder, by string) error {
			return note(fmt.Sprint(o, " at ", p.name, " by ", by))
		}
	}, names...)
	return c
}

func (c *certified) said() (list []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	list, c.asked = c.asked, nil
	return list
}

func (c *certified) as(t *testing.T, key roster.PrivateKey) *Publisher {
	p := &Publisher{Key: key, Members: c.members}
	t.Cleanup(p.Close)
	return p
}

// Whoever orders is asked, for he alone knows what is under way; another one if he is not there.
func TestThePOPThatOrdersIsAskedAboutCertificates(t *testing.T) {
	t.Parallel()
	c := newCertified(t, "fra", "nyc", "fra", "syd")
	p := c.as(t, c.owner)
	if list, err := p.Certs(t.Context(), CertsOrder{}); err != nil || string(list) != `[{"at":"fra"}]` {
		t.Errorf("%s, %v", list, err)
	}
	if _, err := p.Certs(t.Context(), CertsOrder{Do: "revoke", Names: []string{"site"}, Reason: "superseded"}); err != nil {
		t.Error(err)
	}
	if got, want := fmt.Sprint(c.said()), "[list at fra {revoke [site] superseded} at fra by owner]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	c.pops[1].stop()
	if list, err := p.Certs(t.Context(), CertsOrder{}); err != nil || string(list) != `[{"at":"nyc"}]` {
		t.Errorf("%s, %v", list, err)
	}
	if _, err := p.Certs(t.Context(), CertsOrder{Do: "renew"}); err != nil {
		t.Error(err)
	}
	c.said()
	c.mu.Lock()
	c.fault = errors.New(`there is no certificate "x"`)
	c.mu.Unlock()
	if _, err := p.Certs(t.Context(), CertsOrder{Do: "renew", Names: []string{"x"}}); err == nil || err.Error() != `nyc: there is no certificate "x"` {
		t.Error(err)
	}
	if got := c.said(); len(got) != 1 {
		t.Errorf("what one refuses is asked of others: %v", got)
	}
}

func TestWhoMayAskAboutCertificates(t *testing.T) {
	t.Parallel()
	c := newCertified(t, "nyc", "nyc", "fra")
	ci, ops, viewer := roster.NewKey(), roster.NewKey(), roster.NewKey()
	next := *c.members
	next.Version, next.Publishers = 2, []roster.Publisher{
		{Name: "ci", Key: ci.Public(), May: []roster.Right{roster.Publish, roster.Status}, Paths: []string{"public/**"}},
		{Name: "ops", Key: ops.Public(), May: []roster.Right{roster.Publish}},
		{Name: "viewer", Key: viewer.Public(), May: []roster.Right{roster.Status}},
	}
	for _, p := range c.pops {
		if err := p.TakeRoster(next.Marshal(c.owner)); err != nil {
			t.Fatal(err)
		}
	}
	c.members = &next
	for _, one := range []struct {
		who       string
		key       roster.PrivateKey
		list, may bool
	}{
		{"owner", c.owner, true, true}, {"ci", ci, true, false}, {"ops", ops, false, true}, {"viewer", viewer, true, false}, {"a POP", c.pops[1].key, true, false},
	} {
		p := c.as(t, one.key)
		var refused *channel.Refused
		if _, err := p.Certs(t.Context(), CertsOrder{}); (err == nil) != one.list || err != nil && !errors.As(err, &refused) {
			t.Errorf("%s: list: %v", one.who, err)
		}
		if _, err := p.Certs(t.Context(), CertsOrder{Do: "rekey"}); (err == nil) != one.may || err != nil && !errors.As(err, &refused) {
			t.Errorf("%s: rekey: %v", one.who, err)
		}
	}
	client := channel.NewClient(c.owner, c.members.POPs[0])
	defer client.Close()
	c.pops[0].host.Orders = Orders{}
	var refused *channel.Refused
	if err := client.Call(t.Context(), "/v1/certs", CertsOrder{}, nil); !errors.As(err, &refused) || refused.Status != http.StatusBadRequest || refused.Text != errNoCerts.Error() {
		t.Errorf("got %v", err)
	}
}
