package pop

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/delegation"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/webserver/webservertest"
)

// trio are three POPs of a cluster, in this process, and an authority that asks the last of them.
type trio struct {
	*ordered // what is written and waited for
	owner    roster.PrivateKey
	members  *roster.Roster
	keys     map[string]roster.PrivateKey
	pops     map[string]*teammate
}

// teammate is one of them.
type teammate struct {
	*POP
	log    *pipe
	ahead  atomic.Int64 // how far its clock is, by which it is settled who orders
	at     string       // where it listens for the others
	hangUp func()       // ends all that it speaks with the others, without a farewell
	end    func()       // ends all that is left
}

var trioNames = []string{"nyc", "fra", "syd"}

func newTrio(t *testing.T) *trio {
	t.Helper()
	o := &trio{ordered: &ordered{t: t, dir: t.TempDir(), log: new(pipe)}, owner: roster.NewKey(), keys: map[string]roster.PrivateKey{}, pops: map[string]*teammate{}}
	o.members = &roster.Roster{Version: 1, Owner: o.owner.Public()}
	text := "zones = [\"*.zone\"]\nhealth = false\n[dns]\nlisten = [\"127.0.0.1:0\"]\n[web]\nlisten = [\"127.0.0.1:0\"]\ntls_listen = [\"127.0.0.2:0\"]\nadmin_socket = \"\"\n"
	listeners := map[string]net.Listener{}
	for i, name := range trioNames {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners[name], o.keys[name] = l, roster.NewKey()
		o.members.POPs = append(o.members.POPs, roster.POP{Name: name, Key: o.keys[name].Public(), Addresses: []netip.AddrPort{netip.MustParseAddrPort(l.Addr().String())}})
		text += fmt.Sprintf("[pops.%s]\naddresses = [\"192.0.2.%d\"]\nlocation = [50.1, %d]\n", name, i+1, i)
	}
	o.base = text + "[sites.\"www.example.org\"]\nroot = \"public\"\n"
	o.write("public/index.html", "hello")
	o.write("example.org.zone", orderZone)
	o.write("tinycdn.toml", o.base)
	for _, name := range []string{"syd", "fra", "nyc"} { // nyc orders, and there is who is to hear of it
		o.start(name, listeners[name])
	}
	o.until("all hear each other", func() bool {
		return !slices.ContainsFunc(trioNames, func(name string) bool {
			return slices.ContainsFunc(o.pops[name].member.Said(), func(s cluster.Said) bool { return s.Heard.IsZero() })
		})
	})
	o.authority = webservertest.New(t, webservertest.Wish{Nameserver: o.pops["syd"].dns.Addrs()[0].String()})
	return o
}

// start starts a POP by the files that there are.
func (o *trio) start(name string, l net.Listener) {
	o.t.Helper()
	dir := filepath.Join(o.dir, "state-"+name)
	seat := cluster.Seat{Dir: dir, Key: o.keys[name]}
	if err := seat.Take(name, o.owner.Public(), []string{l.Addr().String()}, o.members.Marshal(o.owner)); err != nil {
		o.t.Fatal(err)
	}
	mate := &teammate{log: new(pipe), at: l.Addr().String()}
	log := slog.New(slog.NewTextHandler(mate.log, nil))
	m, err := openMember(dir, &ending{by: new(system.Handover)}, log)
	if err != nil {
		o.t.Fatal(err)
	}
	c := config.Load(filepath.Join(o.dir, "tinycdn.toml"))
	p := New(name, c, log)
	p.path, p.member, p.ordering.folder, p.ordering.proofs.tell = c.Path(), m, inState(dir), m.ShowProofs
	p.ordering.clock = func() time.Time { return time.Now().Add(time.Duration(mate.ahead.Load())) }
	if err := p.Listen(); err != nil {
		o.t.Fatal(err)
	}
	if syd := o.pops["syd"]; syd != nil {
		p.ordering.world = syd.ordering.world
	} else { // syd is the nameserver whom the world asks
		dns := p.dns.Addrs()[0]
		p.ordering.world = delegation.World{Resolvers: []string{dns.String()}, Port: fmt.Sprint(dns.Port())}
	}
	if err := p.Adopt(load(c, nil, p.options())); err != nil {
		o.t.Fatal(err)
	}
	m.pop.Store(p)
	mate.POP = p
	speaking, hangUp := context.WithCancel(context.Background())
	serving, end := context.WithCancel(context.Background())
	var spoken, served sync.WaitGroup
	spoken.Go(func() { m.server.ServeListener(speaking, l, nil) })
	spoken.Go(func() { m.server.Serve(speaking) })
	spoken.Go(func() { m.Run(speaking) })
	served.Go(func() { p.Serve(serving) })
	mate.hangUp = sync.OnceFunc(func() { hangUp(); spoken.Wait() })
	mate.end = sync.OnceFunc(func() { mate.hangUp(); end(); served.Wait() })
	o.t.Cleanup(mate.end)
	o.pops[name] = mate
}

// back starts a POP anew that has ended.
func (o *trio) back(name string) {
	o.t.Helper()
	l, err := net.Listen("tcp", o.pops[name].at)
	if err != nil {
		o.t.Fatal(err)
	}
	o.start(name, l)
}

// want has all POPs serve [acme] for some names.
func (o *trio) want(names string) {
	o.t.Helper()
	o.write("tinycdn.toml", o.base+o.acme("names = "+names))
	for _, name := range trioNames {
		if p := o.pops[name]; p != nil {
			o.adopt(p)
		}
	}
}

// adopt has a POP take over the configuration.
func (o *trio) adopt(p *teammate) {
	o.t.Helper()
	p.adopting.Lock()
	defer p.adopting.Unlock()
	g := load(config.Load(p.path), p.current, p.options())
	if err := p.Adopt(g); err != nil || g.Mistakes() != nil {
		o.t.Fatal(err, g.Mistakes())
	}
}

// pass lets time pass by the clocks of POPs, some ten seconds each time that it is looked, until something is so.
func (o *trio) pass(what string, is func() bool, of ...string) {
	o.t.Helper()
	o.until(what, func() bool {
		for _, name := range of {
			o.pops[name].ahead.Add(int64(2 * time.Second))
		}
		return is()
	})
}

// says says whether a POP has it that another one orders, or itself.
func (o *trio) says(pop, orderer string) bool {
	return valueOf(o.pops[pop].ordering.orderer.Load()) == orderer
}

// chain is what some POPs show, if all show the same; else "".
func (o *trio) chain(of ...string) (chain string) {
	for i, name := range of {
		m := o.pops[name].orders()
		if m == nil || len(m.Pairs()) != 1 || i > 0 && m.Pairs()[0].Chain != chain {
			return ""
		}
		chain = m.Pairs()[0].Chain
	}
	return chain
}
