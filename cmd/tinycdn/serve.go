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
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"tinycdn/geodns"
	"tinycdn/zones"
)

// pop is this POP at work.
type pop struct {
	name   string
	log    *slog.Logger
	loader *loader
	store  *zones.Store
	notify notifier
	watch  *watcher
	tell   *teller

	started *Config // what the settings were that need a restart to change
}

// serve runs the POP until a signal ends it.
func serve(path, popFlag, logFormat string) error {
	begin := time.Now()
	// Answering allocates nothing, so collecting early costs only loading a little, and keeps its peak low.
	debug.SetGCPercent(25)
	// One more than there are cores: a UDP loop under full load never gives its own back, and TCP would wait for milliseconds.
	runtime.GOMAXPROCS(runtime.NumCPU() + 1)
	// From now on SIGHUP waits for us to be ready; unheard, it would end the process.
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	notify, err := newNotifier()
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
	p.watch = newWatcher(p.log)
	p.watch.folders(p.folders())
	if user := p.started.User; user != "" {
		if err := becomeUser(user); err != nil {
			server.Close()
			return err
		}
		p.warnOfUnreadable(user)
	}
	return p.run(server, hup, begin)
}

// start loads everything for the first time. A mistake in the configuration ends it; a bad zone costs that zone
// alone, and a bad database its precision: the built-in table stands in.
func (p *pop) start(popFlag, logFormat string) error {
	next := p.loader.read(false)
	p.log = newLogger(os.Stderr, cmp.Or(logFormat, next.config.Log))
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
	p.tell.tell(append(next.remarks("", "the built-in table stands in for the databases"), notes(next.config)...), false)
	if err := p.loader.adopt(next, p.store); err != nil {
		return err
	}
	debug.FreeOSMemory()
	if len(next.config.Sites) > 0 {
		p.log.Warn("the pages of [sites] are not served yet: this version has no page server")
	}
	return nil
}

func (p *pop) dnsConfig() geodns.Config {
	c := p.started.DNS
	return geodns.Config{Listen: c.Listen, MaxClients: c.TCPClients, MaxPerAddress: c.TCPPerAddress, IdleTime: c.TCPIdle}
}

func (p *pop) newAnswerer() geodns.Answerer {
	c := p.started.DNS
	id := geodns.Identity{Name: p.name, Version: c.Version}
	if c.NSID != "" {
		id.Name = c.NSID
	}
	return geodns.NewResponder(p.store, id).Respond
}

// run answers until SIGTERM or SIGINT, and takes over what changes meanwhile.
func (p *pop) run(server *geodns.Server, hup <-chan os.Signal, begin time.Time) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	defer context.AfterFunc(ctx, p.notify.stopping)()

	p.log.Info("ready", "pop", p.name, "listen", listeners(server.Addrs()), "zones", p.status(), "databases", databaseNames(p.loader.last.geo.infos), "after", time.Since(begin).Round(time.Millisecond))
	p.notify.ready(p.status())
	var work sync.WaitGroup
	work.Go(func() { p.watch.run(ctx, hup, p.reload) })
	err := server.Serve(ctx)
	stop()
	work.Wait()
	p.log.Info("stopped")
	return err
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
func notes(c *Config) (list []remark) {
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
		if z.Zone == nil && z.answers {
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
func asError(problems []zones.Problem) error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return errors.Join(errs...)
}
