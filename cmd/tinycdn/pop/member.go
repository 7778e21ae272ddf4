package pop

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/system"
	"tinycdn/webserver"
	"tinycdn/webserver/files"
)

// member is a POP that serves what its cluster has committed to.
type member struct {
	*cluster.Member
	log      *slog.Logger
	ending   *ending
	server   *channel.Server
	doors    doors
	pop      atomic.Pointer[POP] // nil: there is no generation yet
	first    chan *Generation    // then there is one
	canServe chan struct{}       // is closed when a generation can be taken over
	begun    chan error          // whether it is served
}

// RunMember is the POP whose cluster keeps its folder there, until a signal ends it.
func RunMember(dir, logFormat string) error {
	begin := time.Now()
	out := system.NewLogQueue(os.Stderr)
	defer out.Flush(flushTime)
	system.LimitMemory()
	system.TuneForLoading()
	e, err := begun()
	if err != nil {
		return err
	}
	defer e.stop()
	m, err := openMember(dir, e, out.Logger(logFormat))
	if err != nil {
		return e.failed(err)
	}
	farewell := m.farewell
	e.farewell.Store(&farewell)
	e.listen()
	err = ServeTogether(e.ctx, m.server.Serve, m.speak, func(ctx context.Context) error {
		defer context.AfterFunc(ctx, e.stop)()
		return m.serve(ctx, logFormat, out, begin)
	})
	p := m.pop.Load()
	if err != nil || p == nil || !p.restarts.begun {
		return err
	}
	out.Flush(flushTime)
	return p.finishRestart(e)
}

func openMember(dir string, e *ending, log *slog.Logger) (m *member, err error) {
	m = &member{log: log, ending: e, first: make(chan *Generation), begun: make(chan error), canServe: make(chan struct{})}
	m.doors.member = m
	host := cluster.Host{
		Version: system.Build(), Load: m.loadGeneration, Losses: m.losses, Lasts: files.Lasts, Serve: m.serveGeneration, Purge: m.purgeHere, PurgeAll: m.purgeAllHere,
		Restart: m.restart, Drained: m.drainedAnew, Report: m.report, TryWebhooks: m.tryWebhooks, Heard: m.heardSomething,
		Orders: m.certificates(), Counter: m.counter, Stats: m.stats,
	}
	if host.StandsIn = e.by.Role == system.StandInRole; host.StandsIn {
		m.log = log.With("as", "stand-in")
	}
	if m.Member, err = cluster.Open(dir, host, m.log); err != nil {
		return nil, err
	}
	m.server, err = channel.NewServer(m.Key(), m.Known, m.Handler())
	return m, err
}

// askTime is how long a start waits for what the others say, and catchUpTime for what they have.
const askTime, catchUpTime = 2 * time.Second, 10 * time.Second

// speak speaks with the others, once there is somebody to serve what they say.
func (m *member) speak(ctx context.Context) error {
	select {
	case <-m.canServe:
		return m.Run(ctx)
	case <-ctx.Done():
		return nil
	}
}

// farewellTime is how long the others may take to hear that this POP restarts: a round trip around the world, and a bit.
const farewellTime = time.Second

// farewell tells the others that this POP may be gone for a moment, before it is.
func (m *member) farewell() {
	if p := m.pop.Load(); p != nil && !p.standsIn() {
		ctx, done := context.WithTimeout(context.Background(), farewellTime)
		defer done()
		p.checks.farewell(ctx)
	}
}

// heardSomething has what another POP says be heeded at once.
func (m *member) heardSomething() {
	if p := m.pop.Load(); p != nil {
		p.checks.wake()
	}
}

// serve serves the generation that is there, or waits for the first. Until then there is nobody else at the port that the channel
// shares with the pages.
func (m *member) serve(ctx context.Context, logFormat string, out *system.LogQueue, begin time.Time) error {
	defer m.doors.close(nil)
	path := m.Config()
	first, standsIn := path == "", m.ending.by.Role == system.StandInRole
	if first && standsIn {
		return m.ending.failed(errNothingServed)
	}
	if first {
		g, err := m.awaitFirst(ctx)
		if g == nil {
			return err
		}
		path, begin = g.Config.Path(), time.Now()
	}
	asked := make(chan struct{})
	go func() { // while all is loaded
		defer close(asked)
		if !first && !standsIn {
			within, done := context.WithTimeout(ctx, askTime)
			defer done()
			m.Ask(within)
		}
	}()
	p, err := start(Start{Config: path, POP: m.Name(), Log: logFormat, member: m, by: m.ending.by}, out)
	if err == nil {
		err = m.doors.open(ctx, p.started.ListenAt(m.Name()).HTTPS)
	}
	<-asked
	if err == nil {
		p.restarts.program, p.restarts.signals, p.restarts.asked = m.ending.program, m.ending.restart, make(chan chan error)
		p.manager, p.begin = m.ending.manager, begin
		m.pop.Store(p)
		m.keep(p.started)
	}
	if first {
		m.begun <- err
	}
	if err != nil {
		return m.ending.failed(err)
	}
	if !first && !standsIn {
		m.catchUp(ctx, begin)
		close(m.canServe)
	}
	return p.run(m.ending, begin)
}

var errNothingServed = errors.New("nothing is served yet")

// awaitFirst waits for the first generation; nil: there is none to come. Meanwhile a restart is one by the service manager.
func (m *member) awaitFirst(ctx context.Context) (*Generation, error) {
	if err := m.doors.open(ctx, nil); err != nil {
		return nil, err
	}
	close(m.canServe)
	m.log.Warn("there is no generation yet", "effect", "nothing is served until one is published")
	m.ending.manager.Ready("waiting for the first generation")
	select {
	case g := <-m.first:
		m.doors.close(g.Config.ListenAt(m.Name()).HTTPS)
		return g, nil
	case <-ctx.Done():
		return nil, nil
	}
}

// catchUp has a start take over what the others serve by now. What is not to be had soon comes later.
func (m *member) catchUp(ctx context.Context, begin time.Time) {
	within, done := context.WithDeadline(ctx, begin.Add(catchUpTime))
	defer done()
	m.CatchUp(within)
	if s := m.State(); s.Serving != s.Wanted {
		m.log.Warn("this POP is behind", "generation", s.Serving.Number, "live", s.Wanted.Number, "effect", "the old generation is served until the new one is here")
	}
}

// peers are the other members, as the page server lets them in.
func (m *member) peers() *webserver.Peers {
	return &webserver.Peers{Protocol: channel.Protocol, TLS: m.server.Config(), Take: m.server.Take, From: m.IsPOP}
}

// folders are those in which it keeps what it has to know after a restart.
func (m *member) folders() []string {
	if m == nil {
		return nil
	}
	return []string{m.Dir()}
}

// loadGeneration loads what lies at path beside what is served.
func (m *member) loadGeneration(path string, beside []cluster.Asset) (cluster.Ready, []string) {
	var last *Generation
	o := Options{POP: m.Name(), Log: m.log, published: true}
	if p := m.pop.Load(); p != nil {
		last, o = p.served.Load(), p.options()
		o.config = nil
	}
	o.earlier = earlier(beside, m.View())
	g := Load(path, last, o)
	if _, err := g.Config.ThisPOP(m.Name()); err != nil {
		return nil, []string{err.Error()}
	}
	if err := g.Err(); err != nil {
		return nil, lines(err)
	}
	return g, nil
}

// serveGeneration makes what was loaded what is served.
func (m *member) serveGeneration(ready cluster.Ready) error {
	p := m.pop.Load()
	if p == nil {
		m.first <- ready.(*Generation)
		return <-m.begun
	}
	p.adopting.Lock()
	defer p.adopting.Unlock()
	g, begin := ready.(*Generation), time.Now()
	if err := p.Adopt(g); err != nil {
		return err
	}
	m.keep(g.Config)
	p.reporter.reportAll(p.needRestart(g.Config))
	p.reloaded.remember("a generation that was published", begin, nil)
	return nil
}

// keep keeps as much of generations as a configuration says.
func (m *member) keep(c *config.Config) {
	m.Keep(c.Cluster.Keep, int64(c.Cluster.Disk), time.Duration(c.Cluster.Assets))
}

// lines are those of an error.
func lines(err error) (list []string) {
	var many interface{ Unwrap() []error }
	if !errors.As(err, &many) {
		return []string{err.Error()}
	}
	for _, one := range many.Unwrap() {
		list = append(list, lines(one)...)
	}
	return list
}
