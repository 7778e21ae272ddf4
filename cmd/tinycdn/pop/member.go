package pop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/system"
)

// member is a POP that serves what its cluster has committed to.
type member struct {
	*cluster.Member
	log   *slog.Logger
	pop   atomic.Pointer[POP] // nil: there is no generation yet
	first chan *Generation    // then there is one
	begun chan error          // whether it is served
}

// RunMember is the POP whose cluster keeps its folder there, until a signal ends it.
func RunMember(dir, logFormat string) error {
	begin := time.Now()
	out := system.NewLogQueue(os.Stderr)
	defer out.Flush(flushTime)
	system.LimitMemory()
	system.TuneForLoading()
	manager, err := system.NewServiceManager()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	m := &member{log: out.Logger(logFormat), first: make(chan *Generation), begun: make(chan error)}
	if m.Member, err = cluster.Open(dir, cluster.Host{Load: m.loadGeneration, Serve: m.serveGeneration}, m.log); err != nil {
		return err
	}
	return ServeTogether(ctx, m.speak, func(ctx context.Context) error { return m.serve(ctx, manager, logFormat, out, begin) })
}

// speak keeps the channel to the others open until ctx ends.
func (m *member) speak(ctx context.Context) error {
	server, err := channel.NewServer(m.Key(), m.Known, m.Handler())
	if err != nil {
		return err
	}
	servers := []func(context.Context) error{server.Serve, m.Run}
	for _, address := range m.Listen() {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return fmt.Errorf("the channel cannot listen: %w", err)
		}
		m.log.Info("the channel listens", "cluster", m.Name(), "listen", l.Addr().String(), "fingerprint", m.Key().Public().Fingerprint())
		servers = append(servers, func(ctx context.Context) error { return server.ServeListener(ctx, l) })
	}
	return ServeTogether(ctx, servers...)
}

// serve serves the generation that is there, or waits for the first.
func (m *member) serve(ctx context.Context, manager system.ServiceManager, logFormat string, out *system.LogQueue, begin time.Time) error {
	path := m.Config()
	first := path == ""
	if first {
		m.log.Warn("there is no generation yet", "effect", "nothing is served until one is published")
		manager.Ready("waiting for the first generation")
		select {
		case g := <-m.first:
			path, begin = g.Config.Path(), time.Now()
		case <-ctx.Done():
			return nil
		}
	}
	p, err := start(Start{Config: path, POP: m.Name(), Log: logFormat, own: []string{m.Dir()}}, out)
	if err == nil {
		p.manager, p.begin = manager, begin
		m.pop.Store(p)
		p.beReady()
	}
	if first {
		m.begun <- err
	}
	if err != nil {
		return err
	}
	return p.Serve(ctx)
}

// loadGeneration loads what lies at path beside what is served.
func (m *member) loadGeneration(path string) (cluster.Ready, []string) {
	var last *Generation
	o := Options{POP: m.Name(), Log: m.log}
	if p := m.pop.Load(); p != nil {
		last, o = p.served.Load(), p.options()
		o.config = nil
	}
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
	if err := p.Adopt(ready.(*Generation)); err != nil {
		return err
	}
	p.listenLate()
	return nil
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
