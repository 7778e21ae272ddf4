// Package visits counts how many look at the pages, and ask for their addresses, and from where: without cookies and scripts, and without writing down who it was.
package visits

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// Counter counts the page views of a POP, by the day.
type Counter struct {
	Options
	queue     *queue
	unwritten atomic.Pointer[Unwritten]

	mu      sync.Mutex // of all below
	config  Config
	folder  folder
	date    string // of today; "": none was begun
	today   *day
	written uint64 // the number of today that is on the disk
	mended  bool   // what was counted today before has come from another POP
	salts   salts  // nil: none are wanted
	hasher  hasher
	agents  map[string]bool // which of those that came lately are bots
	spare   []byte
	queries Queries // as they were told last
	asking  bool    // queries are those since somebody wanted them counted
	resting bool    // nothing is to be counted
}

// Options say where a Counter keeps its days, and whom it asks.
type Options struct {
	Folder  string
	POP     string
	Locate  func(netip.Addr) string // the country; "": not known
	Queries func() Queries          // all since the process began, but Names: those since it was called last; nil: nobody counts them
	Log     *slog.Logger
}

// New makes a counter, which goes on with what was counted today before.
func New(o Options, c Config) *Counter {
	counter := &Counter{Options: o, queue: newQueue(), spare: make([]byte, 0, mostWaiting), folder: folder(o.Folder), config: c}
	counter.readSalts()
	counter.Set(c)
	return counter
}

// Set has other settings hold.
func (c *Counter) Set(config Config) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.countQueries() // so that no others come to those of before
	c.resting = false
	c.set(config)
}

func (c *Counter) set(config Config) {
	c.config = config
	switch {
	case !config.Visitors:
		c.salts, c.hasher = nil, hasher{}
		c.folder.forgetSalts()
	case c.salts == nil:
		c.salts = salts{}
	}
	c.renew(time.Now())
}

// Rest has nothing counted until Set, and forgets the salts.
func (c *Counter) Rest() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.countQueries()
	c.resting = true
	c.set(Config{Days: c.config.Days})
}

// Add counts an answer if it is a page that somebody opens. It allocates nothing, and waits for nobody who counts.
func (c *Counter) Add(q *page.Request, r *reply.Reply) {
	if isView(q, r) {
		c.queue.add(q, r)
	}
}

// count counts what waits.
func (c *Counter) count(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	views, dropped := c.queue.take(c.spare)
	c.spare = views
	c.begin(now)
	if dropped > 0 {
		c.today.Dropped += dropped
		c.today.Number++
		c.Log.Warn("page views were not counted: there were too many at a time", "views", dropped)
	}
	salt := c.salts[c.date].Secret
	for rest := views; len(rest) > 0; {
		var v view
		v, rest = cutView(rest)
		if c.isBot(v.agent) {
			continue
		}
		var who visitor
		country := ""
		if !v.private {
			country = c.Locate(v.client)
			if salt != nil {
				who = visitor{c.hasher.of(salt, &v), true}
			}
		}
		c.today.count(&v, now.UTC().Hour(), country, who)
	}
}

// begin begins the day that it is now, if that is another one. A clock may also be set back.
func (c *Counter) begin(now time.Time) {
	if c.date == dateOf(now) {
		return
	}
	if c.today != nil {
		c.countQueries()
		c.write()
		c.folder.prune(now, c.config.Days)
	}
	c.date, c.today, c.written, c.mended = dateOf(now), &day{}, 0, false
	c.hasher, c.agents = hasher{}, map[string]bool{}
	c.renew(now)
	text, err := c.folder.read(c.own())
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var h head
	var before *day
	if err == nil {
		h, before, err = parse(text)
	}
	if err == nil && h.name() != c.own() {
		err = fmt.Errorf("is of %s", h.name())
	}
	if err != nil {
		c.Log.Warn("statistics cannot be read", "file", c.folder.path(c.own()), "error", err, "effect", "today's begin anew here, or with what another POP has of them")
		return
	}
	c.today, c.written = before, before.Number
}

// own is the name of today's file.
func (c *Counter) own() string { return head{Day: c.date, POP: c.POP}.name() }

// write writes today's file, if there is anything new.
func (c *Counter) write() {
	if c.today == nil || c.today.Number == c.written {
		return
	}
	text, err := c.today.print(c.date, c.POP)
	if err == nil {
		err = c.folder.write(c.own(), text, 0o640)
	}
	c.tell(err)
	if err == nil {
		c.written = c.today.Number
	}
}

// tell tells once of what cannot be written, and once that it can be again.
func (c *Counter) tell(err error) {
	switch before := c.unwritten.Load(); {
	case err == nil && before != nil:
		c.unwritten.Store(nil)
		c.Log.Info("statistics are written again", "folder", string(c.folder))
	case err != nil && before == nil:
		c.unwritten.Store(&Unwritten{err, time.Now()})
		c.Log.Error("statistics cannot be written", "error", err, "effect", "they are in memory alone; it is tried again every minute")
	}
}

// Unwritten is why statistics are in memory alone, and since when.
type Unwritten struct {
	Why   error
	Since time.Time
}

// Unwritten says what cannot be written; nil: all is. Anybody may ask at any time.
func (c *Counter) Unwritten() *Unwritten { return c.unwritten.Load() }

// mostAgents that are remembered; most visitors have one of some hundred.
const mostAgents = 1000

// isBot says whether a user agent is a bot's. To find out takes longer than all else of a view.
func (c *Counter) isBot(agent []byte) bool {
	bot, known := c.agents[string(agent)]
	if !known {
		if len(c.agents) >= mostAgents {
			clear(c.agents)
		}
		bot = isBot(agent)
		c.agents[string(agent)] = bot
	}
	return bot
}
