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

	"tinycdn/geodns"
	"tinycdn/geoip"
	"tinycdn/zones"
)

// example is a configuration with an example of everything. README points at it.
//
//go:embed example
var example embed.FS

// visitors are people in places that the built-in table knows: networks of universities, which do not move.
var visitors = []struct{ place, subnet string }{
	{"New York", "128.59.0.0/24"},
	{"Paris", "134.157.0.0/24"},
	{"Sydney", "129.78.0.0/24"},
	{"Tokyo", "133.11.0.0/24"},
}

// demo runs the three POPs of the example on 127.0.0.1, .2 and .3 until a signal ends it, and prints what to ask them.
func demo(port uint16, w io.Writer) error {
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

	var servers []*geodns.Server
	for i := range l.last.config.POPs {
		server, err := demoServer(l.last.config, i, port, store)
		if err != nil {
			for _, s := range servers {
				s.Close()
			}
			return err
		}
		servers = append(servers, server)
	}
	if err := printDemo(w, l.last.config, servers, store.Current()); err != nil {
		return err
	}
	return serveAll(ctx, servers)
}

func unpackExample(dir string) error {
	files, err := fs.Sub(example, "example")
	if err != nil {
		return err
	}
	return os.CopyFS(dir, files)
}

// demoServer binds POP number i of the example.
func demoServer(c *Config, i int, port uint16, store *zones.Store) (*geodns.Server, error) {
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, byte(i + 1)}), port)
	id := geodns.Identity{Name: c.POPs[i].Name, Version: c.DNS.Version}
	return geodns.Listen(geodns.Config{Listen: []string{addr.String()}, Loops: 1},
		func() geodns.Answerer { return geodns.NewResponder(store, id).Respond },
		slog.New(slog.NewTextHandler(os.Stderr, nil)))
}

func serveAll(ctx context.Context, servers []*geodns.Server) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var work sync.WaitGroup
	errs := make(chan error, len(servers))
	for _, s := range servers {
		work.Go(func() {
			if err := s.Serve(ctx); err != nil {
				errs <- err
				stop() // one gone, all go
			}
		})
	}
	work.Wait()
	close(errs)
	return <-errs
}

// printDemo prints the questions to try, and what the tables answer them.
func printDemo(w io.Writer, c *Config, servers []*geodns.Server, s *zones.Snapshot) error {
	fmt.Fprintln(w, "Three POPs on this machine, with the same zones and tables:")
	var at []netip.AddrPort
	for i, server := range servers {
		at = append(at, server.Addrs()[0])
		fmt.Fprintf(w, "  %s  %s\n", c.POPs[i].Name, at[i])
	}
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
	fmt.Fprintf(w, "\nMore to ask, of %s:\n", c.POPs[0].Name)
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
