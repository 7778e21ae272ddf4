package cluster

import (
	"bytes"
	"net/http"
	"reflect"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/commit"
)

// rows is what two POPs tell each other: signed rows, and the roster if one has a newer one.
type rows struct {
	Rows   [][]byte `json:"rows"`
	Roster []byte   `json:"roster,omitempty"`
	Have   uint64   `json:"have"` // the version of the roster of whoever says this
}

// signedRow is the POP's own row: the one that it told last, if that was in this round and nothing of it has changed but how it hears
// others. Who has it already need not look at it again. By mu.
func (m *Member) signedRow(now time.Time) []byte {
	own := m.row()
	known := own
	known.Free, known.Used, known.Hears = m.told.Free, m.told.Used, m.told.Hears
	if since := now.Sub(m.toldAt); since >= 0 && since < roundTime/2 && reflect.DeepEqual(known, m.told) {
		return m.toldText
	}
	m.mine.Counter = max(m.mine.Counter+1, uint64(now.UnixMilli())) // it rises over restarts, too
	own.Counter = m.mine.Counter
	m.told, m.toldAt, m.toldText = own, now, own.signed(m.key)
	return m.toldText
}

// say is what this POP tells one whose roster has that version.
func (m *Member) say(have uint64) rows {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := rows{Rows: [][]byte{m.signedRow(time.Now())}, Have: m.members.Version}
	for _, h := range m.rows {
		r.Rows = append(r.Rows, h.text)
	}
	if have < m.members.Version {
		r.Roster = m.text
	}
	return r
}

// hear takes what the POP from tells.
func (m *Member) hear(from string, r rows) {
	if len(r.Roster) > 0 {
		m.TakeRoster(r.Roster)
	}
	for _, text := range r.Rows {
		m.hearRow(text)
	}
	m.hearDrains(from)
}

func (m *Member) hearRow(text []byte) {
	m.mu.Lock()
	if m.isOld(text) {
		m.mu.Unlock()
		return
	}
	row, err := openRow(text, m.members)
	if err != nil || row.Name == m.name {
		if err == nil { // this POP's clock was ahead once: what it says now must count
			m.mine.Counter = max(m.mine.Counter, row.Counter)
		}
		m.mu.Unlock()
		return
	}
	if old := m.rows[row.Name]; old == nil || row.Counter > old.Counter {
		if old != nil && !old.Started.Equal(row.Started) {
			m.telling.again(row.Name)
		}
		m.rows[row.Name] = &heard{*row, text, time.Now()}
		if row.Report.Orders != nil {
			select {
			case m.bundles <- struct{}{}:
			default:
			}
		}
		if m.host.Heard != nil {
			defer m.host.Heard()
		}
	}
	isNews := !bytes.Equal(row.Commit, m.agreed.Wanted.Text)
	m.mu.Unlock()
	if len(row.Commit) > 0 && isNews {
		if c, err := commit.Open(row.Commit); err == nil {
			m.learn(c)
		}
	}
	if len(row.Canary) > 0 {
		if c, err := commit.OpenCanary(row.Canary); err == nil {
			m.hearCanary(c)
		}
	}
}

// isOld says of most rows that they tell nothing new, before it is known whether they are true: to check a signature takes longer than
// all else of a row. By mu.
func (m *Member) isOld(text []byte) bool {
	name, counter := peekRow(text)
	if name == m.name {
		return counter <= m.mine.Counter
	}
	old := m.rows[name]
	return old != nil && counter <= old.Counter
}

func (m *Member) serveRows(w http.ResponseWriter, r *http.Request) error {
	said, err := question[rows](r)
	if err != nil {
		return err
	}
	if m.host.StandsIn {
		return answer(w, rows{Have: said.Have})
	}
	m.hear(m.nameOf(channel.Caller(r.Context())), said)
	return answer(w, m.say(said.Have))
}
