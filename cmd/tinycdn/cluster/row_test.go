package cluster

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// A POP that is not heard counts as dead: whatever it has to say, its row has to be one that others take.
func TestARowIsNeverTooLong(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxRow)
	p := newTestPOP(t, "nyc", roster.NewKey().Public())
	defer p.listener.Close()
	for what, change := range map[string]func(){
		"a generation with a thousand mistakes": func() { p.mine.Trouble = long },
		"thirty webhooks that are gone":         func() { p.host.Report = func() Report { return Report{Trouble: long, Certificate: long} } },
		"others who say why they refuse":        func() { p.mine.Hears = map[string]Link{"fra": {Error: long}, "syd": {Error: long}} },
		"more votes than have room":             func() { p.mine.Health = []byte(`"` + long + `"`) },
	} {
		p.Member.mu.Lock()
		p.mine, p.host.Report, p.toldAt = Row{Trouble: "disk full"}, nil, time.Time{}
		change()
		text := p.signedRow(time.Now())
		p.Member.mu.Unlock()
		r, err := openRow(text, &roster.Roster{POPs: []roster.POP{{Name: "nyc", Key: p.key.Public()}}})
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if len(r.Trouble) == 0 {
			t.Errorf("%s: nothing is left of its trouble", what)
		}
	}
}

// What a POP answers is in the rows of those who ask it.
func TestAPOPThatRefusesWithAPageOfTextIsQuotedInShort(t *testing.T) {
	t.Parallel()
	c := newClusterOf(t, func(p *testPOP) {
		if p.name == "syd" {
			p.wrap = func(http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(http.StatusForbidden)
					io.WriteString(w, strings.Repeat("\x1b[2J no ", 4<<10))
				})
			}
		}
	}, "nyc", "fra", "syd")
	nyc := c.pops[0]
	nyc.Ask(t.Context())
	p := &Publisher{Key: c.owner, Members: c.members}
	defer p.Close()
	all, wrong := p.Status(t.Context())
	said := all["nyc"].Rows["nyc"].Hears["syd"].Error
	if said == "" || len(said) > maxError || strings.Contains(said, "\x1b") {
		t.Errorf("%d octets: %.80q", len(said), said)
	}
	if err := wrong["syd"]; err == nil || strings.Contains(err.Error(), "\x1b") || errors.Is(err, io.EOF) {
		t.Errorf("%.80q", err)
	}
}

// What a POP says of itself and of others is shown on terminals.
func TestAStatusIsOfPOPsAndInPlainText(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc")
	const clear = "\x1b[2J"
	p := &Publisher{Key: c.owner, Members: c.members}
	s := Status{Rows: map[string]Row{
		"nyc":         {Version: "v1" + clear, Trouble: "full\n" + clear, Report: Report{Certificate: clear + "x", Trouble: clear + "y"}},
		"nyc" + clear: {},
	}}
	p.clean(&s)
	row, is := s.Rows["nyc"]
	if want := (Row{Version: "v1 [2J", Trouble: "full  [2J", Report: Report{Certificate: "[2Jx", Trouble: "[2Jy"}}); len(s.Rows) != 1 || !is || !reflect.DeepEqual(row, want) {
		t.Errorf("got %+v, want %+v", s.Rows, want)
	}
}
