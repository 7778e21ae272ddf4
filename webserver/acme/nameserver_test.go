package acme

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tinycdn/geodns"
	"tinycdn/webserver/webservertest"
	"tinycdn/zones"
	"tinycdn/zones/zonefile"
)

// nameserver is a real one, for one zone. It shows proofs as a POP does.
type nameserver struct {
	store *zones.Store
	addr  netip.AddrPort
	ours  func(name string) bool

	lock    sync.Mutex
	records []zonefile.Record
	shown   []string // all names that were ever shown a proof for
	fault   error    // of Await

	standing, pasted []Record
}

const zone = "example.org"

func newNameserver(t testing.TB) *nameserver {
	t.Helper()
	n := &nameserver{store: zones.NewStore(), ours: func(string) bool { return true }}
	path := filepath.Join(t.TempDir(), zone+".zone")
	text := "$TTL 60\n@ SOA ns hostmaster 1 14400 3600 1209600 1\n@ NS ns\nns A 127.0.0.1\n@ A 127.0.0.1\n* A 127.0.0.1\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	loaded := zones.Load(path, "", nil)
	if loaded.Value == nil {
		t.Fatal(loaded.Problems)
	}
	if err := n.store.Update(func(d *zones.Draft) error { d.SetZone(loaded.Value); return nil }); err != nil {
		t.Fatal(err)
	}
	server, err := geodns.Listen(geodns.Config{Listen: []string{"127.0.0.1:0"}}, func(l *geodns.Loop) geodns.Answerer {
		return geodns.NewResponder(n.store, geodns.Identity{}, l)
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(ctx) })
	t.Cleanup(func() { stop(); serving.Wait() })
	n.addr = server.Addrs()[0]
	return n
}

func (n *nameserver) Ours(owner string) bool {
	return n.ours(strings.TrimPrefix(owner, challengeOwner))
}

// Texts asks the store, as a resolver would the nameserver.
func (n *nameserver) Texts(_ context.Context, owner string) (all []string, err error) {
	name, err := zones.Name(owner)
	for _, data := range n.store.Current().Data(name, 16) {
		text := ""
		for len(data) > 0 {
			text, data = text+string(data[1:1+data[0]]), data[1+data[0]:]
		}
		all = append(all, text)
	}
	return all, err
}

func (n *nameserver) Standing(owner string) (all []string) {
	n.lock.Lock()
	defer n.lock.Unlock()
	for _, one := range n.standing {
		if one.Owner == owner {
			all = append(all, one.Value)
		}
	}
	return all
}

// stand lays records that stay, and those that somebody pasted.
func (n *nameserver) stand(standing, pasted []Record) {
	n.lock.Lock()
	defer n.lock.Unlock()
	n.standing, n.pasted = standing, pasted
	n.lay()
}

func (n *nameserver) Present(_ context.Context, name, value string) error {
	owner, err := zones.Name(name)
	if err != nil {
		return err
	}
	n.lock.Lock()
	defer n.lock.Unlock()
	n.shown = append(n.shown, strings.TrimPrefix(name, challengeOwner))
	n.records = append(n.records, zones.Text(owner, 1, value))
	return n.lay()
}

func (n *nameserver) Withdraw(name, value string) {
	owner, _ := zones.Name(name)
	gone := zones.Text(owner, 1, value)
	n.lock.Lock()
	defer n.lock.Unlock()
	n.records = slices.DeleteFunc(n.records, func(r zonefile.Record) bool {
		return bytes.Equal(r.Owner, gone.Owner) && bytes.Equal(r.Data, gone.Data)
	})
	n.lay()
}

func (n *nameserver) lay() error {
	apex, _ := zones.Name(zone)
	records := slices.Clone(n.records)
	for _, one := range slices.Concat(n.standing, n.pasted) {
		owner, _ := zones.Name(one.Owner)
		records = append(records, zones.Text(owner, 1, one.Value))
	}
	return n.store.Update(func(d *zones.Draft) error { return d.SetOverlay(apex, records) })
}

func (n *nameserver) Await(context.Context, string, string) error {
	n.lock.Lock()
	defer n.lock.Unlock()
	return n.fault
}

// left is how many records lie over the zone.
func (n *nameserver) left() int {
	n.lock.Lock()
	defer n.lock.Unlock()
	return len(n.records)
}

// kit is a manager with all that it needs.
type kit struct {
	*Manager
	names  *nameserver
	folder string
	config Config
	now    func() time.Time
	log    *lines
}

// lines are those of a log.
type lines struct {
	lock sync.Mutex
	bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.Buffer.Write(p)
}

func newKit(t testing.TB, n *nameserver, authorities ...*webservertest.Authority) *kit {
	t.Helper()
	k := &kit{names: n, folder: filepath.Join(t.TempDir(), "acme"), now: time.Now, log: new(lines)}
	var roots []byte
	for _, a := range authorities {
		k.config.CA = append(k.config.CA, a.Directory)
		text, err := os.ReadFile(a.Roots)
		if err != nil {
			t.Fatal(err)
		}
		roots = append(roots, text...)
	}
	k.config.Roots = filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(k.config.Roots, roots, 0o600); err != nil {
		t.Fatal(err)
	}
	k.restart()
	return k
}

// certified is a kit that has the first certificate of an authority, for the zone alone.
func certified(t testing.TB) (k *kit, a *webservertest.Authority, first *x509.Certificate) {
	t.Helper()
	n := newNameserver(t)
	a = webservertest.New(t, webservertest.Wish{Nameserver: n.addr.String()})
	k = newKit(t, n, a)
	first, err := k.want(t, zone)
	if err != nil {
		t.Fatal(err)
	}
	return k, a, first
}

// restart is another process with the same folder.
func (k *kit) restart() {
	k.Manager = New(Options{Folder: k.folder, DNS: k.names, Log: slog.New(slog.NewTextHandler(k.log, nil)), Now: func() time.Time { return k.now() }, Serve: func() {}})
}

// want orders a certificate for names once, and gives it.
func (k *kit) want(t testing.TB, names ...string) (*x509.Certificate, error) {
	t.Helper()
	k.Set(&k.config, []Wanted{{"site", names}})
	k.turn(t.Context())
	return k.leaf()
}

func (k *kit) leaf() (*x509.Certificate, error) {
	status := k.List()[0]
	pairs := k.Pairs()
	if len(pairs) == 0 {
		return nil, errors.New(status.Why)
	}
	block, _ := pem.Decode([]byte(pairs[0].Chain))
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err == nil && status.Why != "" {
		err = errors.New(status.Why)
	}
	return leaf, err
}

// trusts says whether a browser that trusts the authority would take the pair for the names.
func trusts(t testing.TB, a *webservertest.Authority, p Pair, names ...string) {
	t.Helper()
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	if !roots.AppendCertsFromPEM(a.Root) {
		t.Fatal("the authority has no root")
	}
	between.AppendCertsFromPEM([]byte(p.Chain))
	block, _ := pem.Decode([]byte(p.Chain))
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: strings.Replace(name, "*", "any", 1), Roots: roots, Intermediates: between}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func manyNames(n int) (names []string) {
	names = []string{zone, "*." + zone}
	for i := range n {
		names = append(names, fmt.Sprintf("n%d.%s", i, "sub."+zone))
	}
	return names
}
