package acme

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// DNS is how a nameserver shows the proof for a name. It belongs to whoever has one. Owners are names of records.
type DNS interface {
	// Ours says whether a zone here has the owner, or what its CNAME leads to.
	Ours(owner string) bool
	// Present lays a record there, Await waits until all who are asked for it have it, Withdraw takes it away.
	Present(ctx context.Context, owner, value string) error
	Await(ctx context.Context, owner, value string) error
	Withdraw(owner, value string)
	// Standing are the records that lie there for good, and Texts those that the world finds.
	Standing(owner string) []string
	Texts(ctx context.Context, owner string) ([]string, error)
}

// solver is how a proof is shown.
type solver struct {
	DNS
	tokens sync.Map // of HTTP-01: what is answered for each
}

// Wanted is a certificate that there is to be.
type Wanted struct {
	Name  string   // of the site
	Names []string // in lower case
}

// Options are who a Manager works for.
type Options struct {
	Folder string // for what outlives the process
	DNS    DNS
	Log    *slog.Logger
	Now    func() time.Time
	// Serve is told of every change of the certificates that there are. It may ask the manager.
	Serve func()
	// Changed is told of every change of what there is to know, for others who may have to go on; nil: there are none. It may not ask
	// the manager.
	Changed func(Bundle)
	// Ordering is told which certificate is being ordered from now on, "" for none, before anybody else is asked for anything; nil:
	// nobody wants to know.
	Ordering func(name string)
	// Rest is told that orders are over for now, and what they took can be given back; nil: nobody wants to know.
	Rest func()
}

// Manager sees to it that there are certificates.
type Manager struct {
	Options
	folder folder
	solver solver
	dial   func(directory string) (authority, error)
	random func() float64
	wake   chan struct{}

	accounts chan struct{} // has one in it while an order uses an account, or one gets another key

	lock    sync.Mutex
	config  *Config
	wanted  []Wanted
	bundle  Bundle
	clients map[string]authority
	busy    string               // which one is being ordered
	told    map[string]time.Time // when what was told that is told once a day
	unsaved bool
}

// hour is how long the manager sleeps at most: clocks are set, and files made writable, without a word.
const hour = time.Hour

// New reads what there is of certificates. Nothing is ordered before Set says what is wanted, and Run runs.
func New(o Options) *Manager {
	m := &Manager{Options: o, folder: folder(o.Folder), solver: solver{DNS: o.DNS}, random: rand.Float64, wake: make(chan struct{}, 1), accounts: make(chan struct{}, 1), told: map[string]time.Time{}}
	m.clients = map[string]authority{}
	m.dial = func(directory string) (authority, error) {
		roots, wrong := readRoots(m.config.Roots)
		if wrong != "" {
			return nil, fmt.Errorf("acme.roots: %s: %s", m.config.Roots, wrong)
		}
		return dial(directory, roots), nil
	}
	var wrong []error
	m.bundle, wrong = m.folder.read()
	for _, err := range wrong {
		m.Log.Warn(err.Error(), "effect", "what it held of certificates is not known")
	}
	return m
}

// Set says what is wanted from now on; nil: nothing is ordered any more.
func (m *Manager) Set(config *Config, wanted []Wanted) {
	m.lock.Lock()
	if config == nil {
		wanted = nil
	}
	if m.config == nil || config == nil || m.config.Roots != config.Roots {
		clear(m.clients)
	}
	m.config, m.wanted = config, divided(wanted)
	m.lock.Unlock()
	m.Wake()
}

// divided are certificates with as many names as one may have.
func divided(wanted []Wanted) (all []Wanted) {
	for _, w := range wanted {
		for i := 0; len(w.Names) > 0; i++ {
			one := w
			if i > 0 {
				one.Name = fmt.Sprintf("%s~%d", w.Name, i+1)
			}
			one.Name = short(one.Name)
			one.Names, w.Names = w.Names[:min(MostNames, len(w.Names))], w.Names[min(MostNames, len(w.Names)):]
			all = append(all, one)
		}
	}
	return all
}

// Wake has the manager look at once whether anything is due.
func (m *Manager) Wake() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Run orders what is due, until ctx ends. Of all who share what there is to know one runs, or by mistake two, for a while.
func (m *Manager) Run(ctx context.Context) {
	m.lock.Lock()
	m.bundle.Version.Term++
	m.handOn()
	m.lock.Unlock()
	m.repeat(ctx, m.turn)
}

// Follow keeps what others order, until ctx ends.
func (m *Manager) Follow(ctx context.Context) {
	m.repeat(ctx, func(context.Context) time.Time {
		m.saveLate()
		m.forget()
		m.rest(false)
		return m.Now().Add(hour)
	})
}

// repeat takes turns, each of which says when the next is, or when somebody wakes it.
func (m *Manager) repeat(ctx context.Context, turn func(context.Context) time.Time) {
	for ctx.Err() == nil {
		next := turn(ctx)
		timer := time.NewTimer(min(max(next.Sub(m.Now()), time.Second), hour))
		select {
		case <-ctx.Done():
		case <-m.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// turn does what is due by now, and says when the next is.
func (m *Manager) turn(ctx context.Context) (next time.Time) {
	m.lock.Lock()
	wanted, config := slices.Clone(m.wanted), m.config
	m.lock.Unlock()
	next = m.Now().Add(hour)
	m.saveLate()
	m.forget()
	ordered := false
	defer func() { m.rest(ordered) }()
	for _, w := range wanted {
		if ctx.Err() != nil {
			return next
		}
		m.askWindow(ctx, w.Name)
		due, directory := m.due(w, config)
		if !due.After(m.Now()) {
			ordered = true
			m.obtain(ctx, config, w, directory)
			due, _ = m.due(w, config)
		}
		if due.Before(next) {
			next = due
		}
		m.tellLow(w.Name)
	}
	return next
}

// rest lets go of all that the next order, in weeks, makes anew in a moment: connections, and roots, which may be others by then.
func (m *Manager) rest(ordered bool) {
	m.lock.Lock()
	for _, c := range m.clients {
		c.hangUp()
	}
	clear(m.clients)
	m.lock.Unlock()
	if ordered && m.Rest != nil {
		m.Rest()
	}
}

// due is when a certificate is to be ordered, and at whose place.
func (m *Manager) due(w Wanted, config *Config) (at time.Time, directory string) {
	m.lock.Lock()
	defer m.lock.Unlock()
	now, c := m.Now(), m.certificate(w.Name)
	directories := config.directories()
	at = c.due(w.Names, directories, now)
	directory, ok, free := m.bundle.choose(directories, c.Failures, now)
	if !ok && free.After(at) {
		at = free
	}
	return at, directory
}

// certificate is what is known of one. The lock is held.
func (m *Manager) certificate(name string) *Certificate {
	c := m.bundle.Certificates[name]
	if c == nil {
		c = new(Certificate)
		m.bundle.Certificates[name] = c
	}
	return c
}

// client is the authority with a directory. The lock is held.
func (m *Manager) client(directory string) (authority, error) {
	if c := m.clients[directory]; c != nil {
		return c, nil
	}
	c, err := m.dial(directory)
	if err == nil {
		m.clients[directory] = c
	}
	return c, err
}
