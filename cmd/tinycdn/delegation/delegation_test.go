package delegation

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"tinycdn/geodns"
	"tinycdn/zones"
	"tinycdn/zones/zonefile"
)

const apex = "example.org"

// nameserver is a real one, for one zone, at an address of its own.
type nameserver struct {
	store *zones.Store
	addr  netip.AddrPort
}

func listen(t *testing.T, address, zone, records string) (*nameserver, error) {
	t.Helper()
	n := &nameserver{store: zones.NewStore()}
	path := filepath.Join(t.TempDir(), zone+".zone")
	if err := os.WriteFile(path, []byte("$TTL 60\n@ SOA ns1 h 1 2 3 4 1\n"+records), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded := zones.Load(path, "", nil)
	if loaded.Value == nil {
		t.Fatal(loaded.Problems)
	}
	if err := n.store.Update(func(d *zones.Draft) error { d.SetZone(loaded.Value); return nil }); err != nil {
		t.Fatal(err)
	}
	server, err := geodns.Listen(geodns.Config{Listen: []string{address}}, func(l *geodns.Loop) geodns.Answerer {
		return geodns.NewResponder(n.store, geodns.Identity{}, l)
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(ctx) })
	t.Cleanup(func() { stop(); serving.Wait() })
	n.addr = server.Addrs()[0]
	return n, nil
}

// lay gives a nameserver the record.
func (n *nameserver) lay(t *testing.T, value string) {
	t.Helper()
	wire, _ := zones.Name(apex)
	owner, _ := zones.Name("_acme-challenge." + apex)
	if err := n.store.Update(func(d *zones.Draft) error {
		return d.SetOverlay(wire, []zonefile.Record{zones.Text(owner, 1, value)})
	}); err != nil {
		t.Error(err)
	}
}

const delegated = "@ NS ns1\n@ NS ns2\n@ NS ns3\n@ NS ns.elsewhere.example.\nns1 A 127.0.0.2\nns2 A 127.0.0.3\nns3 A 127.0.0.4\nalias CNAME Proof.Example.NET.\n"

// three are nameservers at one port of three addresses, and the world that asks them.
func three(t *testing.T) ([]*nameserver, *World) {
	t.Helper()
	for range 20 { // the port of the first may be taken elsewhere
		first, err := listen(t, "127.0.0.2:0", apex, delegated)
		if err != nil {
			t.Fatal(err)
		}
		all := []*nameserver{first}
		for _, address := range []string{"127.0.0.3", "127.0.0.4"} {
			if n, err := listen(t, fmt.Sprintf("%s:%d", address, first.addr.Port()), apex, delegated); err == nil {
				all = append(all, n)
			}
		}
		if len(all) == 3 {
			return all, &World{Resolvers: []string{first.addr.String()}, Port: fmt.Sprint(first.addr.Port()), Patience: 3 * time.Second}
		}
	}
	t.Fatal("no port is free at three addresses")
	return nil, nil
}

func TestTheWorldIsAskedWhoAnswersForAZone(t *testing.T) {
	t.Parallel()
	_, w := three(t)
	got, err := w.Nameservers(t.Context(), apex, []string{"ns1.example.org"})
	want := []Nameserver{{"ns1.example.org", netip.MustParseAddr("127.0.0.2")}, {"ns2.example.org", netip.MustParseAddr("127.0.0.3")}, {"ns3.example.org", netip.MustParseAddr("127.0.0.4")}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for _, c := range []struct{ zone, ours, want string }{
		{"www.example.org", "ns1.example.org", "the world does not ask us for www.example.org: delegate first (at the registrar, its nameservers are ns1.example.org)"},
		{apex, "ns1.example.net", "the world does not ask us for example.org, but ns.elsewhere.example, ns1.example.org, ns2.example.org, ns3.example.org: delegate first (at the registrar, its nameservers are ns1.example.net)"},
		{"example.net", "ns1.example.net", "who answers for example.net is not to be found out: " + w.Resolvers[0] + " answers REFUSED"},
	} {
		if _, err := w.Nameservers(t.Context(), c.zone, []string{c.ours}); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	nobody := World{Resolvers: []string{"127.0.0.1:1"}} // at which nobody listens
	if _, err := nobody.Nameservers(t.Context(), apex, nil); err == nil || err.Error() != "who answers for example.org is not to be found out: 127.0.0.1:1: connection refused" {
		t.Errorf("got %v", err)
	}
	if got := w.Alias(t.Context(), "alias.example.org"); got != "proof.example.net" {
		t.Errorf("got %q", got)
	}
	if got := w.Alias(t.Context(), "ns1.example.org"); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestAllThatAnswerMustHaveTheRecord(t *testing.T) {
	t.Parallel()
	all, w := three(t)
	servers, err := w.Nameservers(t.Context(), apex, []string{"ns1.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	dead := Nameserver{"ns4.example.org", netip.MustParseAddr("127.0.0.5")}
	const name = "_acme-challenge." + apex
	await := func(servers ...Nameserver) string {
		if err := w.Await(t.Context(), servers, name, "value"); err != nil {
			return err.Error()
		}
		return ""
	}
	all[0].lay(t, "value")
	all[1].lay(t, "another")
	if got, want := await(servers...), "ns2.example.org (127.0.0.3) answers without the record of "+name+
		"\nns3.example.org (127.0.0.4) answers without the record of "+name+": NXDOMAIN"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := await(servers[0], dead); got != "" {
		t.Errorf("one that is dead keeps the others: %s", got)
	}
	if got := await(dead); !strings.Contains(got, "no nameserver answers: ns4.example.org (127.0.0.5) does not answer") {
		t.Errorf("got %s", got)
	}
	asked := 0
	w.Down = func(a netip.Addr) bool { asked++; return a == dead.Addr }
	if got := await(servers[0], dead); got != "" || asked != 1 {
		t.Errorf("one that is known to be dead is asked %d times: %s", asked, got)
	}
	all[1].lay(t, "value")
	w.Patience = time.Minute
	told := make(chan string, 1)
	go func() { told <- await(servers...) }()
	all[2].lay(t, "value")
	if got := <-told; got != "" {
		t.Errorf("all have it by now: %s", got)
	}
}
