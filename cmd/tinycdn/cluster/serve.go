package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/cluster/store"
)

// Handler answers the other members.
func (m *Member) Handler() http.Handler {
	mux := http.NewServeMux()
	pops := func(roster.Publisher) bool { return false }
	can := func(right roster.Right) func(roster.Publisher) bool {
		return func(p roster.Publisher) bool { return p.Can(right) }
	}
	for path, door := range map[string]struct {
		open func(roster.Publisher) bool
		do   func(http.ResponseWriter, *http.Request) error
	}{
		"/v1/status":     {can(roster.Status), m.serveStatus},
		"/v1/hello":      {can(roster.Publish), func(http.ResponseWriter, *http.Request) error { return nil }},
		"/v1/history":    {can(roster.Status), m.serveHistory},
		"/v1/roster":     {can(roster.Publish), m.serveRoster},
		"/v1/manifest":   {can(roster.Publish), m.serveManifest},
		"/v1/generation": {can(roster.Publish), m.serveGeneration},
		"/v1/stale":      {can(roster.Publish), m.serveStale},
		"/v1/contents":   {can(roster.Publish), m.serveContents},
		"/v1/give":       {can(roster.Publish), m.serveGive},
		"/v1/fetch":      {can(roster.Publish), m.serveFetch},
		"/v1/prepare":    {can(roster.Publish), m.servePrepare},
		"/v1/withdraw":   {can(roster.Publish), m.serveWithdraw},
		"/v1/commit":     {can(roster.Publish), m.serveCommit},
		"/v1/notify":     {can(roster.Publish), m.serveNotify},
		"/v1/drain":      {can(roster.Drain), m.serveDrain},
		"/v1/canary":     {can(roster.Publish), m.serveCanary},
		"/v1/purge":      {can(roster.Purge), m.servePurge},
		"/v1/purged":     {pops, m.servePurged},
		"/v1/purges":     {pops, m.servePurges},
		"/v1/rows":       {pops, m.serveRows},
		"/v1/restart":    {can(roster.Publish), m.serveRestart},
		"/v1/acme":       {pops, m.serveBundle},
		"/v1/challenge":  {pops, m.serveProofs},
		"/v1/token":      {pops, m.serveToken},
		"/v1/certs":      {can(roster.Status), m.serveCerts},
		"/v1/certs/do":   {can(roster.Publish), m.serveDoCerts},
		"/v1/counts":     {pops, m.serveCounts},
		"/v1/count":      {pops, m.serveCount},
		"/v1/stats":      {can(roster.Status), m.serveStats},
	} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			if err := m.admit(channel.Caller(r.Context()), door.open); err != nil {
				http.Error(w, err.Error(), http.StatusForbidden)
				return
			}
			if m.closed(path) {
				m.refuse(w, errResting)
				return
			}
			if err := door.do(w, r); err != nil {
				m.refuse(w, err)
			}
		})
	}
	return mux
}

// refuse says why something is not done.
func (m *Member) refuse(w http.ResponseWriter, err error) {
	status, text := http.StatusBadRequest, err.Error()
	if refusal := (*commit.Refusal)(nil); errors.As(err, &refusal) {
		status = http.StatusConflict
		m.mu.Lock()
		for _, key := range []roster.Key{refusal.Promise.To, refusal.Wanted.Key} {
			if p, ok := m.members.PublisherOf(key); ok {
				text = strings.ReplaceAll(text, p.Key.Fingerprint(), p.Name)
			}
		}
		m.mu.Unlock()
	}
	if unknown, less := (*channel.NoBase)(nil), (lacking{}); errors.As(err, &unknown) || errors.As(err, &less) {
		status = http.StatusPreconditionFailed
	}
	if errors.Is(err, errResting) {
		status = http.StatusServiceUnavailable
	}
	http.Error(w, text, status)
}

// admit says whether whoever holds a key may ask.
func (m *Member) admit(key roster.Key, open func(roster.Publisher) bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.members.POPOf(key); ok {
		return nil
	}
	p, ok := m.members.PublisherOf(key)
	if !ok {
		return fmt.Errorf("the key %s is no longer in the roster", key.Fingerprint())
	}
	if !open(p) {
		return fmt.Errorf("%s may not do that", p.Name)
	}
	return nil
}

// Known says whether a key is that of a member.
func (m *Member) Known(key roster.Key) bool {
	return m.admit(key, func(roster.Publisher) bool { return true }) == nil
}

func answer(w http.ResponseWriter, value any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(value)
}

func question[T any](r *http.Request) (value T, err error) {
	err = json.NewDecoder(io.LimitReader(r.Body, 16<<20)).Decode(&value)
	return value, err
}

// Status is what a POP knows.
type Status struct {
	Rows   map[string]Row           `json:"rows"` // of all that it has heard of, its own too
	Age    map[string]time.Duration `json:"age"`  // since it has heard something new
	Roster []byte                   `json:"roster"`
	Now    time.Time                `json:"now"` // by its clock

	Ahead time.Duration `json:"-"` // by how much the clock of whoever asked is
}

// Status is what this POP knows of all of them.
func (m *Member) Status() Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Status{Rows: map[string]Row{m.name: m.row()}, Age: map[string]time.Duration{}, Roster: m.text, Now: time.Now()}
	for name, h := range m.rows {
		s.Rows[name], s.Age[name] = h.Row, time.Since(h.at)
	}
	return s
}

func (m *Member) serveStatus(w http.ResponseWriter, _ *http.Request) error {
	return answer(w, m.Status())
}

// serveRoster takes a roster that its owner has signed.
func (m *Member) serveRoster(w http.ResponseWriter, r *http.Request) error {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		return err
	}
	return m.TakeRoster(text)
}

// serveManifest gives the list of a generation; without an ID, of the one that is served.
func (m *Member) serveManifest(w http.ResponseWriter, r *http.Request) error {
	id, err := question[manifest.ID](r)
	if err != nil {
		return err
	}
	if id == (manifest.ID{}) {
		id = m.servingID()
	}
	list, err := m.store.Manifest(id)
	if err != nil {
		return err
	}
	_, err = w.Write(list.Text)
	return err
}

// Lacks is what a POP does not have of a generation.
type Lacks struct {
	Parts []store.Part
	Free  int64 // octets of room
}

// serveGeneration takes the list of a generation, and says what is missing.
func (m *Member) serveGeneration(w http.ResponseWriter, r *http.Request) error {
	list, err := m.readList(r.Body)
	if err != nil {
		return err
	}
	if err := m.store.KeepManifest(list); err != nil {
		return err
	}
	missing := m.store.Missing(&list.Manifest)
	return answer(w, textOf(Lacks{missing, m.room(missing)}, list))
}

func (m *Member) readManifest(body io.Reader) (*manifest.Signed, error) {
	text, err := io.ReadAll(io.LimitReader(body, manifest.MaxSize+1))
	if err != nil {
		return nil, err
	}
	list, err := manifest.Open(text)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.members.Signed(list.Key, list.ID.Number) {
		return nil, fmt.Errorf("generation %d is signed by %s, who may not publish", list.ID.Number, list.Key.Fingerprint())
	}
	return list, nil
}

// fetch is what a publisher has a POP get from another one.
type fetch struct {
	ID   manifest.ID `json:"id"`
	From string      `json:"from"`
}

func (m *Member) serveFetch(w http.ResponseWriter, r *http.Request) error {
	f, err := question[fetch](r)
	if err != nil {
		return err
	}
	return m.fetch(r.Context(), f.From, f.ID)
}

// Prepared is what comes of a prepare.
type Prepared struct {
	Mistakes []string `json:"mistakes,omitempty"` // a line each; none: it is ready, and promised
	Losses   []string `json:"losses,omitempty"`   // much that is served and would be gone, a line each
}

func (m *Member) servePrepare(w http.ResponseWriter, r *http.Request) error {
	list, err := m.readBrief(w, r)
	if err != nil {
		return err
	}
	caller := channel.Caller(r.Context())
	if list.Key != caller && !m.knowsCanary(list.ID) {
		return fmt.Errorf("generation %d is somebody else's", list.ID.Number)
	}
	prepared, err := m.prepare(list, caller)
	if err != nil {
		return err
	}
	return answer(w, prepared)
}

func (m *Member) serveWithdraw(w http.ResponseWriter, r *http.Request) error {
	id, err := question[manifest.ID](r)
	if err != nil {
		return err
	}
	return m.withdraw(id, channel.Caller(r.Context()))
}

func (m *Member) serveCommit(w http.ResponseWriter, r *http.Request) error {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<10))
	if err != nil {
		return err
	}
	c, err := commit.Open(text)
	if err != nil {
		return err
	}
	if err := m.commit(c); err != nil {
		return err
	}
	m.wakeUp() // the others shall know
	return nil
}
