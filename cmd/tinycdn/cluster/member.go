// Package cluster makes some POPs one: they serve the same generation of files, which their owner publishes to all of them at
// once. It knows files, and not what they mean.
package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/renameio/v2"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// Member is a POP of a cluster, with its folder:
//
//	identity          its name, and its owner's key
//	key               its own
//	roster            who belongs to it, signed
//	participant.json  what it has promised, and what it serves
//	drains            which POPs are drained
//	assets.json       what it serves of earlier generations
//	store/            generations
type Member struct {
	dir    string
	name   string
	key    roster.PrivateKey
	host   Host
	listen []string // where the channel does
	log    *slog.Logger

	store  *store.Store
	begun  *purgeLog // the purges that began here
	drains *drains.Set
	limits atomic.Pointer[store.Limits]

	resting bool       // nothing is loaded any more; by loading
	loading sync.Mutex // held while a generation is loaded, or becomes what is served: view leads to it. Before mu
	mu      sync.Mutex
	pops    atomic.Pointer[map[netip.Addr]bool] // the addresses of those in members; for anybody
	state   atomic.Pointer[State]
	members *roster.Roster
	text    []byte             // of members, signed; nil: there is none yet
	agreed  commit.Participant // what is on disk
	ready   map[manifest.ID]Ready
	assets  []asset
	proven  manifest.ID       // that its publisher may change what it changes
	rows    map[string]*heard // of the others

	forgotten map[manifest.ID]bool // committed, and not to be served
	mine      Row

	told     Row // mine, as it was told last
	toldText []byte
	toldAt   time.Time

	noting sync.Mutex // held while the host hears which POPs are drained. Before mu

	heardPurges map[string]uint64 // by POP, the last of its purges that was heard here
	clients     map[roster.Key]*channel.Client

	telling telling // of what is to be proved

	wake    chan struct{} // there is something to do before the next round
	bundles chan struct{} // another POP may know more of certificates
	urgent  chan struct{} // there is something to say that must not wait for a round to end
	tidy    chan struct{} // another generation is served, and an old one may go
}

// Ready is a generation that the POP has loaded beside what it serves.
type Ready any

// Host is the POP itself. Config is the path of a generation's configuration, which stays the same from one generation to the next: what
// lies there is another.
type Host struct {
	Version  string // of tinycdn
	StandsIn bool   // another process keeps the folder, in place of which this one answers for the moment: nothing is written

	Load   func(config string, beside []Asset) (Ready, []string) // the mistakes, a line each; then nothing is ready
	Losses func(Ready) []string                                  // what would be lost of what is served, a line each, if that is much; nil: nobody asks
	Serve  func(Ready) error
	Lasts  func(path string) bool // that a file at that path never has another content; nil: none does
	Purge  func(url string) (forgotten int, err error)

	PurgeAll func() // everything of every application

	Report func() Report // nil: there is nothing to say
	// sends a test by each webhook, and says what came of it, as JSON; nil: there are none
	TryWebhooks func(context.Context) any
	Drained     func(drains.News) // other POPs are drained than before; nil: nobody asks
	Heard       func()            // another POP has said something new; nil: nobody asks

	Restart func(context.Context) error // become the program on disk, without silence; it returns when that is certain. nil: it cannot
	Orders  Orders                      // zero: no certificates are ordered

	Counter func() Counter                    // who counts visitors; it may give nil, and be nil: nobody does
	Stats   func(StatsOrder, io.Writer) error // what was counted at all POPs, as the host writes it
}

// heard is what another POP has said.
type heard struct {
	Row
	text []byte    // as it was signed
	at   time.Time // when the counter rose
}

// Joined says whether the folder is that of a member.
func Joined(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "identity"))
	return err == nil
}

// Open is the member whose folder that is. fs.ErrNotExist says that this machine belongs to no cluster.
func Open(dir string, host Host, log *slog.Logger) (*Member, error) {
	m := &Member{
		dir: dir, host: host, log: log, ready: map[manifest.ID]Ready{}, forgotten: map[manifest.ID]bool{}, rows: map[string]*heard{},
		heardPurges: map[string]uint64{}, clients: map[roster.Key]*channel.Client{},
		wake: make(chan struct{}, 1), urgent: make(chan struct{}, 1), tidy: make(chan struct{}, 1), bundles: make(chan struct{}, 1),
	}
	m.telling.changed, m.telling.known = make(chan struct{}, 1), map[string]uint64{}
	m.mine.Version = host.Version
	owner, err := m.readIdentity()
	if err != nil {
		return nil, err
	}
	m.mine.Started = time.Now()
	if len(m.listen) == 0 {
		m.listen = []string{":443"}
	}
	if m.key, err = m.readKey(); err != nil {
		return nil, err
	}
	m.members = roster.First(owner)
	if text, err := os.ReadFile(m.path("roster")); err == nil {
		if m.members, err = roster.Kept(text, owner); err != nil {
			return nil, fmt.Errorf("%s: %w", m.path("roster"), err)
		}
		m.text = text
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if text, err := os.ReadFile(m.path("participant.json")); err == nil {
		if err := json.Unmarshal(text, &m.agreed); err != nil {
			return nil, fmt.Errorf("%s: %w (without the file, the POP takes what is live from the others)", m.path("participant.json"), err)
		}
	}
	m.agreed.Name = m.name
	m.mine.Since = m.agreed.Serving.Time // as far as is known
	m.knowAddresses()
	m.note()
	if !host.StandsIn {
		if m.begun, err = openPurgeLog(m.path("purges")); err != nil {
			return nil, err
		}
		m.mine.Purges = m.begun.last
	}
	m.drains = drains.Open(m.path("drains"), log)
	if m.store, err = store.Open(m.path("store")); err != nil {
		return nil, err
	}
	m.store.Damaged = m.tellOfDamage
	m.limits.Store(new(store.DefaultLimits()))
	m.readAssets()
	return m, nil
}

func (m *Member) path(name string) string { return filepath.Join(m.dir, name) }

// readIdentity reads "name fra" and "owner KEY", and perhaps "listen :7443".
func (m *Member) readIdentity() (owner roster.Key, err error) {
	text, err := os.ReadFile(m.path("identity"))
	if err != nil {
		return owner, err
	}
	for line := range strings.Lines(string(text)) {
		what, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch what {
		case "name":
			m.name = value
			err = roster.Valid(value)
		case "owner":
			owner, err = roster.ParseKey(value)
		case "listen":
			m.listen = append(m.listen, value)
		}
		if err != nil {
			return owner, fmt.Errorf("%s: %w", m.path("identity"), err)
		}
	}
	if m.name == "" || owner == (roster.Key{}) {
		return owner, fmt.Errorf(`%s: want two lines, "name" and "owner"`, m.path("identity"))
	}
	return owner, nil
}

// readKey reads the POP's own key, or makes it.
func (m *Member) readKey() (key roster.PrivateKey, err error) {
	text, err := os.ReadFile(m.path("key"))
	if errors.Is(err, fs.ErrNotExist) {
		key = roster.NewKey()
		return key, renameio.WriteFile(m.path("key"), key.Marshal("tinycdn: the key of POP "+m.name+", "+key.Public().Fingerprint()), 0o600)
	}
	if err != nil {
		return key, err
	}
	if key, err = roster.ParsePrivateKey(text); err != nil {
		return key, fmt.Errorf("%s: %w", m.path("key"), err)
	}
	return key, nil
}

// knowAddresses is for another roster.
func (m *Member) knowAddresses() {
	all := map[netip.Addr]bool{}
	for _, p := range m.members.POPs {
		for _, a := range p.Addresses {
			all[a.Addr().Unmap()] = true
		}
	}
	m.pops.Store(&all)
}

// IsPOP says whether an address is that of a POP.
func (m *Member) IsPOP(a netip.Addr) bool { return (*m.pops.Load())[a] }

// Name is that of the POP.
func (m *Member) Name() string { return m.name }

// Dir is its folder.
func (m *Member) Dir() string { return m.dir }

// Key is the POP's own.
func (m *Member) Key() roster.PrivateKey { return m.key }

// Listen is where the POP listens for other members.
func (m *Member) Listen() []string { return m.listen }

// wakeUp has the next round begin at once.
func (m *Member) wakeUp() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Run speaks with the others until ctx ends.
func (m *Member) Run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { m.tend(ctx) })
	work.Go(func() { m.sayAtOnce(ctx) })
	work.Go(func() { m.followBundles(ctx) })
	work.Go(func() { m.tellProofs(ctx) })
	work.Go(func() { m.shareCounts(ctx) })
	for {
		m.noteDrains()
		m.round(ctx)
		pause := roundTime
		if left, ok := m.drains.Next(); ok {
			pause = min(pause, left)
		}
		select {
		case <-time.After(pause):
		case <-m.wake:
		case <-ctx.Done():
			return nil
		}
	}
}

// roundTime is how often a POP speaks with each other one.
const roundTime = 5 * time.Second
