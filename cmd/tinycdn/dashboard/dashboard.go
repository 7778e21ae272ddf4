package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"
)

// Where a POP is asked for what the page shows.
const (
	Prefix      = "/dashboard/"
	StatePath   = Prefix + "state"
	EventsPath  = Prefix + "events"
	MapPath     = Prefix + "map.svg"
	ExplainPath = Prefix + "explain"
)

// Host is the POP whose dashboard it is. Its functions are asked by several at a time.
type Host struct {
	State   func(now time.Time) *State
	Totals  func(now time.Time) Totals
	Map     func(name string) (draw func(to io.Writer) error, err error) // as SVG; "" is the first
	Explain func(Question) (*Explanation, error)

	Visits      func(days int) (*Visits, error)
	Generations func() []Past // the newest first; none: it belongs to no cluster
}

// Question is of which address it is to be said where it goes.
type Question struct {
	Address string // or a subnet
	Name    string // whose map decides; "": the map that is named does
	Map     string // "": all of them
}

// Explanation is which POP an address gets.
type Explanation struct {
	Text string `json:"text"`
	Map  string `json:"map"` // the first of those that are told of
	POP  string `json:"pop"`
	At   *Place `json:"at"` // null: it is not known where it is
	To   *Place `json:"to"` // where the POP is
}

// Place is one on a picture, in its units.
type Place struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Dashboard answers what the page asks.
type Dashboard struct {
	ctx     context.Context // ends with the POP
	host    Host
	readers chan struct{} // of events, a place each

	drawing, counting sync.Mutex // held by whoever draws, or adds up statistics: one at a time, which takes memory

	mu   sync.Mutex
	last *view
	past []sample // of the last minute, the oldest first
}

// view is how all was at a moment. It never changes.
type view struct {
	at    time.Time
	state []byte // JSON
	moves []byte
}

// sample is what was counted by then.
type sample struct {
	at time.Time
	Totals
}

// mostReaders leaves room for others among the connections of admins.
const mostReaders = 8

// New is the dashboard of a POP, until ctx ends.
func New(ctx context.Context, host Host) *Dashboard {
	return &Dashboard{ctx: ctx, host: host, readers: make(chan struct{}, mostReaders)}
}

// TellState tells how all is now.
func (d *Dashboard) TellState(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(d.look(time.Now()).state)
}

// TellExplanation tells which POP an address gets.
func (d *Dashboard) TellExplanation(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	e, err := d.host.Explain(Question{q.Get("address"), q.Get("name"), q.Get("map")})
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(e)
}

const (
	// fresh is how long a view does for all who look: they look each second.
	fresh = 900 * time.Millisecond
	// spanOfHits is how long back the part of hits goes: within a second there may be one page, or none.
	spanOfHits = time.Minute
	// spanOfRates is how old the look before may be that a rate is told by.
	spanOfRates = 10 * time.Second
)

// look is how all is now, or was a moment ago.
func (d *Dashboard) look(now time.Time) *view {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last != nil && now.Sub(d.last.at) < fresh {
		return d.last
	}
	is := sample{now, d.host.Totals(now)}
	for len(d.past) > 0 && now.Sub(d.past[0].at) > spanOfHits {
		d.past = d.past[1:]
	}
	d.last = &view{now, line(d.host.State(now)), line(d.moves(is))}
	d.past = append(d.past, is)
	return d.last
}

// moves compares a sample with those before it.
func (d *Dashboard) moves(is sample) *Moves {
	m := &Moves{At: is.at, Open: is.Open, Countries: is.Countries}
	if len(d.past) == 0 {
		return m
	}
	if was := d.past[len(d.past)-1]; is.at.Sub(was.at) < spanOfRates {
		m.Questions, m.Pages = rate(was.Questions, is.Questions, is.at.Sub(was.at)), rate(was.Pages, is.Pages, is.at.Sub(was.at))
	}
	kept, fetched := gained(d.past[0].Kept, is.Kept), gained(d.past[0].Fetched, is.Fetched)
	if all := kept + fetched; all > 0 {
		part := float64(kept) / float64(all)
		m.Hits = &part
	}
	return m
}

func rate(was, is uint64, during time.Duration) *float64 {
	perSecond := float64(gained(was, is)) / during.Seconds()
	return &perSecond
}

// gained is by how much a counter has risen. What a listener has counted goes with it.
func gained(was, is uint64) uint64 { return max(is, was) - was }

// line is a value as a line of JSON.
func line(value any) []byte {
	var text bytes.Buffer
	if err := json.NewEncoder(&text).Encode(value); err != nil {
		panic("dashboard: internal error: " + err.Error()) // there is nothing in it that cannot be written
	}
	return text.Bytes()
}
