package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geodns"
	"tinycdn/geoip"
	"tinycdn/webserver"
	"tinycdn/zones"

	"github.com/spf13/cobra"
)

// example is a configuration with an example of everything. README points at it.
//
//go:embed all:example
var example embed.FS

// visitors are people in places that the built-in table knows: networks of universities, which do not move.
var visitors = []struct{ place, subnet string }{
	{"New York", "128.59.0.0/24"},
	{"Paris", "134.157.0.0/24"},
	{"Sydney", "129.78.0.0/24"},
	{"Tokyo", "133.11.0.0/24"},
}

func demoCommand() *cobra.Command {
	var port, webPort uint16
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run three POPs on this machine, with an example zone and site, and what to try",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			system.OutliveReaders()
			return demo(port, webPort, c.OutOrStdout())
		},
	}
	c.Flags().Uint16Var(&port, "port", 5300, "the port of the three nameservers, on 127.0.0.1, 127.0.0.2 and 127.0.0.3")
	c.Flags().Uint16Var(&webPort, "web-port", 8080, "the port of their pages")
	return c
}

// demo runs the three POPs of the example on 127.0.0.1, .2 and .3 until a signal ends it, and prints what to ask them.
func demo(port, webPort uint16, w io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	dir, err := os.MkdirTemp("", "tinycdn-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := unpackExample(dir); err != nil {
		return err
	}
	l, store := &loader{path: filepath.Join(dir, "tinycdn.toml")}, zones.NewStore()
	next := l.read(false)
	if problems := next.problems(); len(problems) > 0 {
		return asError(problems)
	}
	if err := l.adopt(next, store); err != nil {
		return err
	}

	sites := new(webLoader).read(l.last.config, false, true)
	if problems := sites.problems(); len(problems) > 0 {
		return asError(problems)
	}

	var pops []*demoPOP
	for i := range l.last.config.POPs {
		one, err := newDemoPOP(l.last.config, i, port, webPort, store, sites)
		if err != nil {
			for _, p := range pops {
				p.close()
			}
			return err
		}
		pops = append(pops, one)
	}
	if err := printDemo(w, pops, store.Current()); err != nil {
		return err
	}
	return serveAll(ctx, pops)
}

func unpackExample(dir string) error {
	files, err := fs.Sub(example, "example")
	if err != nil {
		return err
	}
	return os.CopyFS(dir, files)
}

// demoPOP is one of the three.
type demoPOP struct {
	name string
	dns  *geodns.Server
	web  *webserver.Server
}

// newDemoPOP binds POP number i of the example.
func newDemoPOP(c *config.Config, i int, port, webPort uint16, store *zones.Store, sites *webState) (*demoPOP, error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	address := netip.AddrFrom4([4]byte{127, 0, 0, byte(i + 1)})
	p := &demoPOP{name: c.POPs[i].Name}
	id := geodns.Identity{Name: p.name, Version: c.DNS.Version}
	clients := system.Capped(0, system.PageBudget(system.OpenFiles(), 0, false).Queries)
	var err error
	p.dns, err = geodns.Listen(geodns.Config{Listen: []string{netip.AddrPortFrom(address, port).String()}, Loops: 1, MaxClients: clients},
		func() geodns.Answerer { return geodns.NewResponder(store, id).Respond }, log)
	if err != nil {
		return nil, err
	}
	config := webConfig(c, p.name)
	config.Listen = []string{netip.AddrPortFrom(address, webPort).String()}
	p.web, err = webserver.Listen(config, nil, log)
	if err != nil {
		p.dns.Close()
		return nil, err
	}
	p.web.Publish(sites.servings())
	return p, nil
}

func (p *demoPOP) close() {
	p.dns.Close()
	p.web.Close()
}

func serveAll(ctx context.Context, pops []*demoPOP) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var work sync.WaitGroup
	errs := make(chan error, 2*len(pops))
	serve := func(serve func(context.Context) error) {
		work.Go(func() {
			if err := serve(ctx); err != nil {
				errs <- err
				stop() // one gone, all go
			}
		})
	}
	for _, p := range pops {
		serve(p.dns.Serve)
		serve(p.web.Serve)
	}
	work.Wait()
	close(errs)
	return <-errs
}

// printDemo prints the pages to open and the questions to try, and what the tables answer them.
func printDemo(w io.Writer, pops []*demoPOP, s *zones.Snapshot) error {
	fmt.Fprintln(w, "Three POPs on this machine, with the same zones, tables and pages:")
	var at []netip.AddrPort
	for i, p := range pops {
		at = append(at, p.dns.Addrs()[0])
		web, _ := p.web.Addrs()
		fmt.Fprintf(w, "  %s  DNS %s  pages http://%s/\n", p.name, at[i], web[0])
	}
	fmt.Fprintln(w, "Open the pages in a browser: at their foot stands which POP served them, and in how many microseconds.")
	web, _ := pops[len(pops)-1].web.Addrs()
	fmt.Fprintf(w, "  curl -si http://%s/ecs-scope/ | head -20\n      the same from %s, with what it says of itself in the header\n", web[0], pops[len(pops)-1].name)
	fmt.Fprintln(w, "\nEvery visitor gets the nearest, whichever is asked:")
	for i, v := range visitors {
		server := at[i%len(at)]
		e, err := s.GeoMap("www.example.org")
		if err != nil {
			return err
		}
		subnet := netip.MustParsePrefix(v.subnet)
		if err := s.Explain(&e, subnet, geoip.Location{}); err != nil {
			return err
		}
		fmt.Fprintf(w, "  dig @%s -p %d +short +subnet=%s www.example.org\n", server.Addr(), server.Port(), v.subnet)
		fmt.Fprintf(w, "      %-9s gets %s, %s, and so does all of %s\n", v.place, e.POP, addressList(e.A.Addresses), e.A.For)
	}
	first := at[0]
	fmt.Fprintf(w, "\nMore to ask, of %s:\n", pops[0].name)
	for _, q := range []struct{ ask, gets string }{
		{"+subnet=134.157.0.0/24 www.example.org", "the whole answer, with its scope"},
		{"+short +subnet=133.11.0.0/24 shop.example.org", "two POPs, by a rule for Japan"},
		{"+short +subnet=129.78.0.0/24 www.example.org AAAA", "Sydney has no IPv6: the next POP's"},
		{"+short any.user.example.org", "a wildcard that is a geo name; 127.0.0.1 is nowhere: the default"},
		{"+short old.example.org", "a CNAME to a geo name, alone"},
		{"www.lab.example.org", "a referral with glue"},
		{"+short +nsid CH TXT id.server", "which POP is this?"},
	} {
		fmt.Fprintf(w, "  dig @%s -p %d %s\n      %s\n", first.Addr(), first.Port(), q.ask, q.gets)
	}
	fmt.Fprintln(w, "\nThe configuration is cmd/tinycdn/example. IP Geolocation by DB-IP (https://db-ip.com). Ctrl-C stops.")
	return nil
}
