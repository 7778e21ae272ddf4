package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/cluster/manifest"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// TestARowOfThirtyPOPsHasRoom for all that there is to be said, each at its longest.
func TestARowOfThirtyPOPsHasRoom(t *testing.T) {
	t.Parallel()
	c := newClusterOf(t, func(p *testPOP) {
		p.host.Report = func() Report {
			return Report{Certificate: strings.Repeat("c", 253), Until: time.Now(), Load: 123456.789012, Trouble: strings.Repeat("<", 1<<16)}
		}
	}, "nyc")
	m := c.pops[0].Member
	m.mu.Lock()
	defer m.mu.Unlock()
	key, now := roster.NewKey(), time.Now()
	m.name = strings.Repeat("s", 63)
	m.members.POPs[0].Name, m.members.POPs[0].Key = m.name, m.key.Public()
	m.mine.Hears = map[string]Link{}
	var names []string
	for i := range 30 {
		name := fmt.Sprintf("%063d", i)
		names = append(names, name)
		m.mine.Hears[name] = Link{Heard: now, RTT: 9 * time.Second, Error: short(strings.Repeat("dial \"tcp\" ", 100), maxError)}
		if _, err := m.drains.Say(name, true, drains.Longest, strings.Repeat("b", 63)); err != nil {
			t.Fatal(err)
		}
	}
	id := manifest.ID{Number: 1 << 62, Hash: manifest.Hash{1}}
	m.agreed.Wanted = commit.New(id, now, key)
	if m.agreed.Canary = commit.NewCanary(id, names, commit.Canary{}, now, key); len(m.agreed.Canary.Text) > maxCanary {
		t.Errorf("a canary at all POPs has %d octets, and %d are the most", len(m.agreed.Canary.Text), maxCanary)
	}
	m.mine.Canary = make([]byte, maxCanary)
	m.mine.Trouble = short(strings.Repeat("\x00", 1<<16), maxTrouble)
	m.mine.Since, m.mine.Started, m.mine.Version = now, now, "tinycdn v1.2.3-0.20261129010203-0123456789ab+dirty"
	m.mine.Counter, m.mine.Roster, m.mine.Purges, m.mine.Free, m.mine.Used = 1<<62, 1<<62, 1<<62, 1<<62, 1<<62
	m.mine.Health = json.RawMessage(`"` + strings.Repeat("h", 10<<10) + `"`) // as much as there may be, see health.Votes
	row := m.row()
	row.Canary = make([]byte, maxCanary)
	text := row.sign(m.key)
	if len(text) > maxRow-maxRow/20 {
		t.Errorf("%d octets of %d: there is no room left for what is to come", len(text), maxRow)
	}
	if got, err := openRow(text, m.members); err != nil || len(got.Drains) != 30 || len(got.Hears) != 30 {
		t.Errorf("it is read as %+v, %v", got, err)
	}
}

func TestWhatIsLongIsCutShort(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "short", strings.Repeat("x", 500), strings.Repeat("<", 500), strings.Repeat("\x00", 500), strings.Repeat("ä", 500), "a" + strings.Repeat("€", 500), "\xff\xfe"} {
		got := short(text, maxError)
		written, err := json.Marshal(got)
		if err != nil || len(written) > maxError+2 || !utf8.ValidString(got) || !strings.HasPrefix(text, got) {
			t.Errorf("%.20q becomes %q, of %d octets", text, got, len(written))
		}
	}
	if got := short(errors.New("i/o timeout").Error(), maxError); got != "i/o timeout" {
		t.Error(got)
	}
}
