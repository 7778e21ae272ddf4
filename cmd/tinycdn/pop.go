package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/geodns"
	"tinycdn/webserver"
	"tinycdn/webserver/certs"
	"tinycdn/webserver/origin"
	"tinycdn/zones"
	"tinycdn/zones/diag"
)

// pop is this POP at work.
type pop struct {
	name   string
	log    *slog.Logger
	loader *loader
	store  *zones.Store
	notify system.ServiceManager
	watch  *watcher
	tell   *teller

	sites  webLoader
	tender tender
	certs  certs.Current
	web    *webserver.Server // nil: there were no sites at the start
	ctx    context.Context   // of run; its end is that of the process

	remarks  struct{ zones, sites []remark } // what is wrong or odd now
	mistaken []string                        // folders that a configuration with a mistake in it names

	started *config.Config // what the settings were that need a restart to change
}

// serve runs the POP until a signal ends it.
func serve(path, popFlag, logFormat string) error {
	begin := time.Now()
	system.TuneForLoading()
	// From now on SIGHUP waits for us to be ready; unheard, it would end the process.
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	notify, err := system.NewServiceManager()
	if err != nil {
		return err
	}
	p := &pop{loader: &loader{path: path}, store: zones.NewStore(), notify: notify}
	if err := p.start(popFlag, logFormat); err != nil {
		return err
	}
	server, err := geodns.Listen(p.dnsConfig(), p.newAnswerer, p.log)
	if err != nil {
		return err
	}
	if p.web, err = p.listenWeb(); err != nil {
		server.Close()
		return err
	}
	p.watch = newWatcher(p.log)
	p.watchFolders()
	if user := p.started.User; user != "" {
		if err := system.BecomeUser(user); err != nil {
			server.Close()
			if p.web != nil {
				p.web.Close()
			}
			return err
		}
		p.warnOfUnreadable(user)
	}
	if p.web != nil {
		if err := p.web.OpenLog(); err != nil {
			server.Close()
			p.web.Close()
			return err
		}
	}
	return p.run(server, hup, begin)
}

// start loads everything for the first time. A mistake in the configuration ends it; a bad zone costs that zone
// alone, and a bad database its precision: the built-in table stands in.
func (p *pop) start(popFlag, logFormat string) error {
	next := p.loader.read(false)
	p.log = system.NewLogger(os.Stderr, cmp.Or(logFormat, next.config.Log))
	p.tell = &teller{log: p.log}
	if len(next.wrong) > 0 {
		return asError(next.problems())
	}
	name, err := next.config.ThisPOP(popFlag)
	if err != nil {
		return fmt.Errorf("%s: %w", p.loader.path, err)
	}
	p.name, p.started = name, next.config
	if next.geo.err != nil {
		if err := next.geo.standIn(next.config); err != nil {
			return err
		}
		next.newGeo = true
	}
	p.remarks.zones = append(next.remarks("", "the built-in table stands in for the databases"), notes(next.config)...)
	if err := p.loader.adopt(next, p.store); err != nil {
		return err
	}
	p.sites.pop, p.sites.log, p.sites.connections = name, p.log, make(origin.Connections, p.budget().Origins)
	sites := p.sites.read(next.config, false, true)
	p.remarks.sites = sites.remarks()
	p.sites.adopt(sites)
	p.certs.Set(sites.certs.Value)
	p.tellAll(false)
	system.TuneForServing(len(next.config.Sites) > 0)
	return nil
}

// run answers until SIGTERM or SIGINT, and takes over what changes meanwhile.
func (p *pop) run(server *geodns.Server, hup <-chan os.Signal, begin time.Time) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	defer context.AfterFunc(ctx, p.notify.Stopping)()

	p.ctx = ctx
	p.tender.tend(ctx, &p.sites.last)
	defer p.tender.end()
	ready := []any{"pop", p.name, "listen", listeners(server.Addrs()), "zones", p.status(), "databases", databaseNames(p.loader.last.geo.infos)}
	if p.web != nil {
		http, https := p.web.Addrs()
		ready = append(ready, "http", listeners(http), "https", listeners(https))
		for _, site := range p.sites.last.sites {
			ready = append(ready, "site."+site.config.Name, site.pages())
		}
	}
	p.log.Info("ready", append(ready, "after", time.Since(begin).Round(time.Millisecond))...)
	p.notify.Ready(p.status())

	var work sync.WaitGroup
	errs := make(chan error, 2)
	work.Go(func() { p.watch.run(ctx, hup, p.reload) })
	serve := func(serve func(context.Context) error) {
		work.Go(func() {
			errs <- serve(ctx)
			stop() // one gone, all go
		})
	}
	serve(server.Serve)
	if p.web != nil {
		serve(p.web.Serve)
	}
	work.Wait()
	p.log.Info("stopped")
	close(errs)
	var all []error
	for err := range errs {
		all = append(all, err)
	}
	return errors.Join(all...)
}

// warnOfUnreadable names the files that the user we have become could not read again at a reload.
func (p *pop) warnOfUnreadable(user string) {
	files := []string{p.loader.path}
	for path := range p.loader.last.geo.stamps {
		files = append(files, path)
	}
	for _, z := range p.loader.last.zones {
		files = slices.AppendSeq(files, maps.Keys(z.Files))
	}
	for path := range p.sites.last.certs.stamps {
		files = append(files, path)
	}
	for _, site := range p.sites.last.sites {
		files = slices.AppendSeq(files, maps.Keys(site.stamps))
	}
	for _, path := range files {
		f, err := os.Open(path)
		if err == nil {
			f.Close()
		} else if errors.Is(err, fs.ErrPermission) {
			p.log.Warn(path+" cannot be read by this user", "user", user, "effect", "a change of it will not be taken over")
		}
	}
}

// notes are what is odd in the configuration, but not wrong.
func notes(c *config.Config) (list []remark) {
	for _, n := range c.Notes {
		list = append(list, remark{slog.LevelWarn, n.String(), "none"})
	}
	return list
}

// status says in a line what is served.
func (p *pop) status() string {
	all, records, bad := 0, 0, 0
	for _, z := range p.store.Current().Zones {
		if all++; z == nil {
			bad++
		} else {
			records += z.Records
		}
	}
	kept := 0
	for _, z := range p.loader.last.zones {
		if z.Value == nil && z.answers {
			kept++
		}
	}
	s := fmt.Sprintf("%d zones, %d records", all, records)
	if bad > 0 {
		s += fmt.Sprintf("; %d of the zones could not be loaded", bad)
	}
	if kept > 0 {
		s += fmt.Sprintf("; %d of the zones as before a mistaken edit", kept)
	}
	return s
}

func listeners(addrs []netip.AddrPort) string {
	var list []string
	for _, a := range addrs {
		list = append(list, a.String())
	}
	return strings.Join(list, " ")
}

// asError makes one error of all problems, a line each.
func asError(problems []diag.Problem) error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return errors.Join(errs...)
}
