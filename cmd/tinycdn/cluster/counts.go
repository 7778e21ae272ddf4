package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Counter is who counts visitors at a POP, as its host has it: a day of a POP is a file, whose number rises with each change. The salts are
// what makes a visitor of two POPs one; POPs alone get them.
type Counter interface {
	Salts() []byte // nil: none are wanted
	TakeSalts(salts []byte) error
	Have() map[string]uint64                                       // the numbers of the files, by name
	Wants(name string, number uint64, have map[string]uint64) bool // whether another POP's is newer
	File(name string) ([]byte, error)
	Take(name string, text []byte) error
}

// StatsOrder asks for statistics: of so many days, the first so many of each kind.
type StatsOrder struct {
	Days int `json:"days"`
	Top  int `json:"top"`
}

// counts is what two POPs tell each other of statistics.
type counts struct {
	Salts []byte            `json:"salts,omitempty"`
	Have  map[string]uint64 `json:"have"`
}

const (
	// countsEvery is how old what another POP has counted may be here.
	countsEvery = time.Hour
	// countsLate is how long after midnight a POP has surely written down its day.
	countsLate = 2 * time.Minute
	// countsAgain is how soon a POP that could not be asked is asked again.
	countsAgain = time.Minute
	// countsTime is how long an exchange with one POP may take: its files of 400 days, over a line of 1 MB/s.
	countsTime = 2 * time.Minute
	// maxCount in octets, of a file.
	maxCount = 16 << 20
	// mostStats are the days that may be asked for at a time, and mostTop what of each kind.
	mostStats, mostTop = 3660, 10_000
)

func (m *Member) counter() Counter {
	if m.host.Counter == nil || m.host.StandsIn {
		return nil
	}
	return m.host.Counter()
}

// shareCounts exchanges statistics with each other POP until ctx ends: at once, then each hour, and when a day has ended.
func (m *Member) shareCounts(ctx context.Context) {
	next := map[string]time.Time{}
	tick := time.NewTicker(roundTime)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		c := m.counter()
		if c == nil {
			continue
		}
		for _, pop := range m.others() {
			now := time.Now()
			if now.Before(next[pop.Name]) {
				continue
			}
			next[pop.Name] = nextCounts(now)
			if err := m.ShareCounts(ctx, c, pop); err != nil {
				next[pop.Name] = now.Add(countsAgain)
			}
		}
	}
}

// nextCounts is when there will be something worth asking for.
func nextCounts(now time.Time) time.Time {
	ended := now.UTC().Add(-countsLate).Truncate(24 * time.Hour).Add(24*time.Hour + countsLate)
	if hour := now.Add(countsEvery); hour.Before(ended) {
		return hour
	}
	return ended
}

// ShareCounts exchanges salts with a POP, and gets the files of it that are newer than those here.
func (m *Member) ShareCounts(ctx context.Context, c Counter, pop roster.POP) error {
	ctx, done := context.WithTimeout(ctx, countsTime)
	defer done()
	client := m.client(pop)
	var theirs counts
	have := c.Have()
	if err := client.Call(ctx, "/v1/counts", counts{Salts: c.Salts()}, &theirs); err != nil {
		return err
	}
	if err := c.TakeSalts(theirs.Salts); err != nil {
		m.log.Warn("what another POP counts visitors by cannot be read", "pop", pop.Name, "error", err)
	}
	for name, number := range theirs.Have {
		if !c.Wants(name, number, have) {
			continue
		}
		text, err := m.getCount(ctx, client, name)
		if err != nil {
			return err
		}
		if err := c.Take(name, text); err != nil {
			m.log.Warn("statistics of another POP are not taken", "from", pop.Name, "error", err, "effect", "what is told leaves them out")
		}
	}
	return nil
}

func (m *Member) getCount(ctx context.Context, client *channel.Client, name string) ([]byte, error) {
	stream, err := client.Stream(ctx, "/v1/count", encode(name))
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	text, err := io.ReadAll(io.LimitReader(stream, maxCount+1))
	if err == nil && len(text) > maxCount {
		err = fmt.Errorf("the statistics %s are larger than %d octets", name, maxCount)
	}
	return text, err
}

var errNoCounts = errors.New("this POP counts no visitors")

// serveCounts takes another POP's salts, and says which files are here.
func (m *Member) serveCounts(w http.ResponseWriter, r *http.Request) error {
	theirs, err := question[counts](r)
	c := m.counter()
	if err == nil && c == nil {
		err = errNoCounts
	}
	if err == nil {
		err = c.TakeSalts(theirs.Salts)
	}
	if err != nil {
		return err
	}
	return answer(w, counts{c.Salts(), c.Have()})
}

// serveCount gives a file.
func (m *Member) serveCount(w http.ResponseWriter, r *http.Request) error {
	name, err := question[string](r)
	c := m.counter()
	if err == nil && c == nil {
		err = errNoCounts
	}
	if err != nil {
		return err
	}
	text, err := c.File(name)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// serveStats tells whoever may know of statistics, as the host writes them.
func (m *Member) serveStats(w http.ResponseWriter, r *http.Request) error {
	o, err := question[StatsOrder](r)
	if err == nil {
		err = o.Check()
	}
	if err != nil {
		return err
	}
	if m.host.Stats == nil {
		return errNoCounts
	}
	m.FreshCounts(r.Context())
	return m.host.Stats(o, w)
}

// freshTime is how long whoever asks for statistics waits for the POPs that do not answer.
const freshTime = 3 * time.Second

// FreshCounts gets what the other POPs have counted by now, as far as they answer soon. Of the others there is what they had at most an
// hour before they were last heard.
func (m *Member) FreshCounts(ctx context.Context) {
	c := m.counter()
	if c == nil {
		return
	}
	ctx, done := context.WithTimeout(ctx, freshTime)
	defer done()
	var work sync.WaitGroup
	for _, pop := range m.others() {
		work.Go(func() { m.ShareCounts(ctx, c, pop) })
	}
	work.Wait()
}

// Check says what is wrong with an order.
func (o StatsOrder) Check() error {
	if o.Days < 1 || o.Days > mostStats || o.Top < 1 || o.Top > mostTop {
		return fmt.Errorf("want 1 to %d days, and the first 1 to %d of each kind", mostStats, mostTop)
	}
	return nil
}

// Stats asks the first POP that answers for statistics, and gives them to read as they come. Each POP has those of all.
func (p *Publisher) Stats(ctx context.Context, o StatsOrder, read func(io.Reader) error) error {
	p.connect()
	err := errors.New("there is no POP")
	for _, name := range p.names() {
		stream, refused := p.client(name).Stream(ctx, "/v1/stats", encode(o))
		if refused == nil {
			defer stream.Close()
			return read(stream)
		}
		err = fmt.Errorf("%s: %w", name, refused)
	}
	return err
}
