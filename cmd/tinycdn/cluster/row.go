package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Row is what a POP says of itself. The POPs pass each other's on.
type Row struct {
	Name    string          `json:"name"`
	Counter uint64          `json:"counter"` // rises with each row of this POP: how fresh it is, whatever the clocks say
	Serving manifest.ID     `json:"serving"`
	Since   time.Time       `json:"since"`            // when it began to serve that
	Commit  []byte          `json:"commit,omitempty"` // the best that it knows, signed
	Canary  []byte          `json:"canary,omitempty"` // the newest that it knows after that, signed
	Roster  uint64          `json:"roster"`           // the version of its roster
	Started time.Time       `json:"started"`          // when its process began
	Version string          `json:"version"`          // of tinycdn
	Free    int64           `json:"free"`             // octets of room on the disk
	Used    int64           `json:"used"`             // octets of all generations, of Disk at most
	Disk    int64           `json:"disk"`             //
	Report  Report          `json:"report,omitzero"`
	Silent  bool            `json:"silent,omitempty"` // it can restart without a moment of silence
	Purges  uint64          `json:"purges,omitempty"` // how many it has begun
	Trouble string          `json:"trouble,omitempty"`
	Hears   map[string]Link `json:"hears,omitempty"`  // by POP
	Drains  []drains.Drain  `json:"drains,omitempty"` // the last words on POPs that are drained, or were
	Health  json.RawMessage `json:"health,omitempty"` // what it sees of the others, as the host has it
}

// Report is what a POP says of itself that only its host knows.
type Report struct {
	Certificate string    `json:"certificate,omitempty"` // the one that expires first, by a name in it
	Until       time.Time `json:"until,omitzero"`        // when it does
	Load        float64   `json:"load,omitempty"`        // questions a second that its nameserver gets
	Trouble     string    `json:"trouble,omitempty"`     // that is nobody's but its operator's

	Orders *OrdersReport `json:"orders,omitempty"` // nil: no certificates are ordered
}

// Link is how a POP hears another one.
type Link struct {
	Heard time.Time     `json:"heard"`           // when last; zero: never
	RTT   time.Duration `json:"rtt"`             // of the last exchange, without a handshake
	Error string        `json:"error,omitempty"` // of the last try; "": there was none
}

// rowKind is the first line of a row.
const rowKind = "tinycdn row 1"

// In octets, what a POP says of 29 others, at its longest, with names of 63: 8 KB of how it hears them, 6 KB of drains, 10 KB of health,
// and 9 KB of all else.
const (
	maxRow     = 40 << 10
	maxError   = 100     // of a link, as JSON
	maxTrouble = 1 << 10 // the same; the log has all of it
	maxCanary  = 4 << 10 // signed
)

// row is the POP's own, by mu.
func (m *Member) row() Row {
	m.mine.Name, m.mine.Serving, m.mine.Commit, m.mine.Roster = m.name, m.agreed.Shown(), m.agreed.Wanted.Text, m.members.Version
	m.mine.Canary = m.agreed.Canary.Text
	m.mine.Free, _ = m.store.Free()
	m.mine.Drains, m.mine.Disk = m.drains.All(), m.limits.Load().Disk
	if m.host.Report != nil {
		m.mine.Report = m.host.Report()
	}
	m.mine.Silent = m.host.Restart != nil && m.agreed.Serving.ID.Number > 0
	own := m.mine
	own.Trouble, own.Report.Trouble = short(own.Trouble, maxTrouble), short(own.Report.Trouble, maxTrouble)
	return own
}

// signed is the row as others take it: one that is too long for them does without what it says of others.
func (r Row) signed(key roster.PrivateKey) []byte {
	text := r.sign(key)
	if len(text) > maxRow {
		r.Health, r.Hears, r.Report.Certificate = nil, nil, ""
		text = r.sign(key)
	}
	return text
}

// short is the beginning of a text that has so many octets at most as JSON.
func short(text string, most int) string {
	for {
		text = strings.ToValidUTF8(text[:min(len(text), most)], "")
		written, _ := json.Marshal(text) // there is nothing in it that cannot be written
		if len(written) <= most+len(`""`) {
			return text
		}
		text = text[:len(text)*7/8]
	}
}

func (r *Row) sign(key roster.PrivateKey) []byte {
	text, err := json.Marshal(r)
	if err != nil {
		panic("cluster: " + err.Error()) // there is nothing in it that cannot be written
	}
	return key.Sign(fmt.Appendf(nil, "%s\n%s\n", rowKind, text))
}

// peekRow reads whose row it is said to be, and how fresh; "" if that cannot be read.
func peekRow(signed []byte) (name string, counter uint64) {
	var said struct {
		Name    string `json:"name"`
		Counter uint64 `json:"counter"`
	}
	_, rest, _ := bytes.Cut(signed, []byte("\n"))
	text, _, _ := bytes.Cut(rest, []byte("\n")) // a row is one line
	if len(signed) > maxRow || json.Unmarshal(text, &said) != nil {
		return "", 0
	}
	return said.Name, said.Counter
}

// openRow reads the signed row of a POP of the roster.
func openRow(signed []byte, members *roster.Roster) (*Row, error) {
	if len(signed) > maxRow {
		return nil, fmt.Errorf("a row of %d octets: %d are the most", len(signed), maxRow)
	}
	text, by, err := roster.Open(rowKind, signed)
	if err != nil {
		return nil, fmt.Errorf("a row: %w", err)
	}
	pop, ok := members.POPOf(by)
	if !ok {
		return nil, fmt.Errorf("a row that is signed by %s, who is not in the roster", by.Fingerprint())
	}
	r := &Row{}
	if err := json.Unmarshal(text[len(rowKind)+1:], r); err != nil {
		return nil, fmt.Errorf("the row of %s: %w", pop.Name, err)
	}
	if r.Counter > 1<<62 {
		return nil, fmt.Errorf("the row of %s has no number after it", pop.Name)
	}
	if r.Name != pop.Name {
		return nil, fmt.Errorf("a row of %s that is signed by %s", r.Name, pop.Name)
	}
	return r, nil
}
