package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/cmd/tinycdn/words"
	"tinycdn/geoip"
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
		Use:     "demo",
		Short:   "Run three POPs on this machine, with an example zone and site, and what to try",
		Example: "  tinycdn demo\n  tinycdn demo --port 5353 --web-port 8000",
		Args:    cobra.NoArgs,
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
	if err := os.CopyFS(dir, example); err != nil {
		return err
	}
	g := pop.Load(filepath.Join(dir, "example", "tinycdn.toml"), nil, pop.Options{})
	if err := g.Err(); err != nil {
		return err
	}
	snapshot, err := g.Snapshot()
	if err != nil {
		return err
	}
	var pops []*demoPOP
	for i := range g.Config.POPs {
		one, err := newDemoPOP(g, i, port, webPort)
		if err != nil {
			for _, p := range pops {
				p.Close()
			}
			return err
		}
		pops = append(pops, one)
	}
	if err := printDemo(w, pops, snapshot); err != nil {
		return err
	}
	var servers []func(context.Context) error
	for _, p := range pops {
		servers = append(servers, p.Serve)
	}
	return pop.ServeTogether(ctx, servers...)
}

// demoPOP is one of the three.
type demoPOP struct {
	*pop.POP
	name      string
	dns, http netip.AddrPort
}

// newDemoPOP binds POP number i of the example.
func newDemoPOP(g *pop.Generation, i int, port, webPort uint16) (*demoPOP, error) {
	c, address := *g.Config, netip.AddrFrom4([4]byte{127, 0, 0, byte(i + 1)})
	c.DNS.Listen = []string{netip.AddrPortFrom(address, port).String()}
	c.DNS.Loops = 1
	c.Web.Listen, c.Web.TLSListen = []string{netip.AddrPortFrom(address, webPort).String()}, nil
	c.Web.AdminSocket = "" // there is one path for three
	p := &demoPOP{name: c.POPs[i].Name}
	p.POP = pop.New(p.name, &c, system.NewLogger(os.Stderr, "text"))
	if err := p.Adopt(g); err != nil {
		return nil, err
	}
	if err := p.Listen(); err != nil {
		return nil, err
	}
	if !p.AllBound() {
		p.Close()
		return nil, errors.New("a port is taken (say which are free with --port and --web-port)")
	}
	dns, http := p.Addrs()
	p.dns, p.http = dns[0], http[0]
	return p, nil
}

// printDemo prints the pages to open and the questions to try, and what the tables answer them.
func printDemo(w io.Writer, pops []*demoPOP, s *zones.Snapshot) error {
	fmt.Fprintln(w, "Three POPs on this machine, with the same zones, tables and pages:")
	for _, p := range pops {
		fmt.Fprintf(w, "  %s  DNS %s  pages http://%s/\n", p.name, p.dns, p.http)
	}
	fmt.Fprintln(w, "Open the pages in a browser: at their foot stands which POP served them, and in how many microseconds.")
	last := pops[len(pops)-1]
	fmt.Fprintf(w, "  curl -si http://%s/ecs-scope/ | head -20\n      the same from %s, with what it says of itself in the header\n", last.http, last.name)
	fmt.Fprintln(w, "\nEvery visitor gets the nearest, whichever is asked:")
	for i, v := range visitors {
		server := pops[i%len(pops)].dns
		e, err := s.GeoMap("www.example.org")
		if err != nil {
			return err
		}
		subnet := netip.MustParsePrefix(v.subnet)
		if err := s.Explain(&e, subnet, geoip.Location{}); err != nil {
			return err
		}
		fmt.Fprintf(w, "  dig @%s -p %d +short +subnet=%s www.example.org\n", server.Addr(), server.Port(), v.subnet)
		fmt.Fprintf(w, "      %-9s gets %s, %s, and so does all of %s\n", v.place, e.POP, words.List(e.A.Addresses), e.A.For)
	}
	first := pops[0].dns
	fmt.Fprintf(w, "\nMore to ask, of %s:\n", pops[0].name)
	for _, q := range []struct{ ask, gets string }{
		{"+subnet=134.157.0.0/24 www.example.org", "the whole answer, with its scope"},
		{"+short +subnet=133.11.0.0/24 shop.example.org", "two POPs, by a rule for Japan"},
		{"+subnet=134.157.0.0/24 www.example.org AAAA", "none, for nobody: one of the POPs, Sydney, has no IPv6"},
		{"+short +subnet=134.157.0.0/24 ocean.example.org AAAA", "a map of two POPs that have IPv6"},
		{"+short +subnet=129.78.0.0/24 shop.example.org AAAA", "ipv6 = \"any\": for Sydney, which has none, the two others, however far"},
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
