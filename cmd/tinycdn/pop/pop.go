package pop

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/metrics"
	"tinycdn/cmd/tinycdn/state"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/cmd/tinycdn/watch"
	"tinycdn/geodns"
	"tinycdn/webserver"
	"tinycdn/webserver/certs"
	"tinycdn/webserver/files"
	"tinycdn/webserver/origin"
	"tinycdn/zones"
)

// POP is a point of presence at work.
type POP struct {
	name    string
	path    string  // of the configuration
	member  *member // nil: it belongs to no cluster
	log     *slog.Logger
	started *config.Config // what the settings were that need a restart to change

	current     *Generation                // what is served; by whoever adopts
	served      atomic.Pointer[Generation] // the same, for anybody
	adopting    sync.Mutex                 // held while a generation becomes what is served, or none may any more
	summing     sync.Mutex
	sums        atomic.Pointer[sums] // of what is served; by summing; nil: not known yet
	store       *zones.Store
	certs       certs.Current
	origins     origin.Supervisor
	ordering    ordering
	counting    counting
	whereabouts whereabouts
	connections origin.Connections
	disk        *files.Disk
	dns         *geodns.Server
	web         *webserver.Server // nil: there are no sites yet. Whoever adopts may bring it; others look once hasPages is closed
	hasPages    chan struct{}     // closed when there is web
	pages       *config.Config    // that web was made by
	tlsProblem  error             // why nobody listens for HTTPS, of which there are certificates
	admins      admins

	// Of a POP that follows its files:
	begin    time.Time   // of its start
	ready    atomic.Bool // it has been told: there is something to serve
	manager  system.ServiceManager
	reloads  chan os.Signal
	watch    *watch.Watcher
	read     *Generation // what the files held when they were read last; nil: it could not be served
	config   config.Reader
	patience *patience
	progress progress
	reporter *reporter
	copies   *state.Copies // of what was last right
	holding  bool          // a start goes on with the copies of zones that may still be written
	keeper   *keeper       // nil: none are made
	tables   *keptTables   // nil: none are kept
	restarts restarts
	leaving  atomic.Bool // this process makes way for its successor
	stopping atomic.Bool // it ends, and nobody takes its place at once

	drains    *drains.Set   // of a POP that belongs to no cluster: what it was told itself
	drainNews chan struct{} // it was told something
	notices   notices
	questions rate
	reloaded  reloaded
	counters  *metrics.Registry

	checks *checks
	cold   chan struct{} // has something in it when there may be answers that are not signed beforehand
}

// flushTime is how long the last lines of log may take at the end: time enough for any reader that reads.
const flushTime = time.Second

// New is a POP with the settings of c, which serves nothing yet.
func New(name string, c *config.Config, log *slog.Logger) *POP {
	p := &POP{name: name, started: c, log: log, store: zones.NewStore(), reporter: &reporter{log: log}, progress: progress{log: log}}
	p.disk, p.hasPages, p.ordering.begun, p.counting.begun = files.NewDisk(), make(chan struct{}), make(chan struct{}), make(chan struct{})
	p.ordering.proofs, p.ordering.asking = newProofs(p.store, &p.ordering.world), make(chan struct{}, mostTokens)
	p.ordering.clock = time.Now
	p.cold = make(chan struct{}, 1)
	p.drains, p.drainNews = drains.Open("", log), make(chan struct{}, 1)
	p.notices.Log = log
	p.checks, p.counters = newChecks(p), metrics.New(p.readCounters)
	budget := pageBudget(c)
	if len(c.Sites) == 0 { // one with an application may come
		budget = system.PageBudget(system.OpenFiles(), c.Web.Clients, true)
	}
	p.connections = make(origin.Connections, min(budget.Origins, system.ConnectionsIn(system.Memory()).Origins))
	return p
}

// Run is the POP that s says, until a signal ends it. It takes over what changes in its files.
func Run(s Start) error {
	begin := time.Now()
	out := system.NewLogQueue(os.Stderr)
	defer out.Flush(flushTime)
	system.LimitMemory()
	system.TuneForLoading()
	// From now on SIGHUP waits for us to be ready; unheard, it would end the process.
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	e, err := begun()
	if err != nil {
		return err
	}
	s.by = e.by
	p, err := start(s, out)
	if err != nil {
		return e.failed(err)
	}
	p.manager, p.reloads = e.manager, hup
	p.restarts.program, p.restarts.signals, p.restarts.asked = e.program, e.restart, make(chan chan error)
	p.watch = watch.New(p.log)
	p.patience = &patience{log: p.log, calm: p.watch.Calm, held: map[config.ZoneFile]heldZone{}}
	if p.holding {
		p.patience.lookAt(begin)
	}
	p.watchPaths()
	if err := p.run(e, begin); err != nil || !p.restarts.begun {
		return err
	}
	out.Flush(flushTime)
	return p.finishRestart(e)
}

// options are how generations are loaded for this POP.
func (p *POP) options() Options {
	o := Options{POP: p.name, Log: p.log, Connections: p.connections, Disk: p.disk, config: &p.config}
	if o.published = p.member != nil; o.published {
		o.earlier = earlier(p.member.Assets(), p.member.View())
	}
	o.tables = p.tables
	if p.keeper != nil {
		o.state = p.keeper.folder.Path
	}
	return o
}

// run answers until SIGTERM or SIGINT, or until this process is to be replaced.
func (p *POP) run(e *ending, begin time.Time) error {
	defer e.stop()
	e.listen()
	p.begin = begin
	if p.standsIn() {
		return p.standIn(e)
	}
	if !p.beReady() {
		p.log.Error("there is no zone and no site to serve", "listen", listeners(p.dns.Addrs()), "effect", "every name gets REFUSED; ready as soon as there is one")
		p.manager.Status("nothing to serve")
	}
	go p.keeper.run(e.ctx)
	var restarts sync.WaitGroup
	restarts.Go(func() {
		p.dismissStandIn()
		p.obey(e.ctx, e.stop)
	})
	err := p.Serve(e.ctx)
	restarts.Wait()
	p.keeper.finish(flushTime)
	if !p.restarts.begun {
		p.log.Info("stopped")
	}
	return err
}

// beReady says that the POP is ready, if there is anything that it serves.
func (p *POP) beReady() bool {
	if p.current.empty() {
		return false
	}
	ready := []any{"pop", p.name, "listen", listeners(p.dns.Addrs()), "zones", p.current.status(), "databases", databaseNames(p.current.Databases())}
	if p.web != nil {
		http, https := p.web.Addrs()
		ready = append(ready, "http", listeners(http), "https", listeners(https))
		for name, pages := range p.current.Sites {
			ready = append(ready, "site."+name, pages)
		}
	}
	ready = append(ready, p.current.zoneAttrs()...)
	p.log.Info("ready", append(ready, "after", time.Since(p.begin).Round(time.Millisecond))...)
	p.manager.Ready(p.current.status())
	p.ready.Store(true)
	return true
}

// Serve answers until ctx ends, or the page server fails, and takes over what changes meanwhile. The nameserver ends last: it
// answers until the page server has said farewell to its visitors.
func (p *POP) Serve(ctx context.Context) error {
	defer func() {
		p.adopting.Lock()
		defer p.adopting.Unlock()
		p.origins.Close()
	}()
	answering, end := context.WithCancel(context.WithoutCancel(ctx))
	var nameserver sync.WaitGroup
	nameserver.Go(func() { p.dns.Serve(answering) })
	servers := []func(context.Context) error{p.follow, p.servePages, p.serveAdmin, p.followDrains, p.countVisits}
	if !p.standsIn() { // what was agreed before holds meanwhile
		servers = append(servers, p.checkOthers, p.tellPeople, p.signAhead, p.orderCertificates, p.ordering.proofs.followStanding)
		if p.tables != nil {
			servers = append(servers, p.tables.run)
		}
	}
	if p.web == nil || !p.AllBound() {
		servers = append(servers, p.bindLast)
	}
	err := ServeTogether(ctx, servers...)
	end()
	nameserver.Wait()
	return err
}

// servePages answers visitors until ctx ends, once there is a page server.
func (p *POP) servePages(ctx context.Context) error {
	select {
	case <-p.hasPages:
	case <-ctx.Done():
		return nil
	}
	return p.web.Serve(ctx)
}

// follow takes over what changes in the files of a POP that has some, until ctx ends.
func (p *POP) follow(ctx context.Context) error {
	told := make(chan struct{})
	context.AfterFunc(ctx, func() { // at once, even in the midst of a reload
		status := "what was asked is still answered"
		select {
		case <-p.hasPages:
			status = "the pages' last visitors are served; the nameserver still answers"
		default:
		}
		if !p.leaving.Load() {
			p.stopping.Store(true)
			p.manager.Stopping(status)
		}
		close(told)
	})
	if p.watch != nil { // whoever looks at files may stand for ever, on a disk that hangs: the end does not wait for them
		go p.watch.Run(ctx)
		go p.takeOver(ctx)
	}
	<-told
	return nil
}

// ServeTogether serves until ctx ends or one of the servers does: one gone, all go.
func ServeTogether(ctx context.Context, servers ...func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	errs := make([]error, len(servers))
	var work sync.WaitGroup
	for i, serve := range servers {
		work.Go(func() {
			errs[i] = serve(ctx)
			stop()
		})
	}
	work.Wait()
	return errors.Join(errs...)
}

// Close gives back the sockets of a POP that does not serve.
func (p *POP) Close() {
	p.dns.Close()
	if p.web != nil {
		p.web.Close()
	}
	p.admins.close()
	p.origins.Close()
}

// Addrs are the addresses bound, of the nameserver and for HTTP.
func (p *POP) Addrs() (dns, http []netip.AddrPort) {
	if p.web != nil {
		http, _ = p.web.Addrs()
	}
	return p.dns.Addrs(), http
}
