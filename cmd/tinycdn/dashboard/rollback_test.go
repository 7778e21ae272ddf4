package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestARollbackIsToldLineByLine, with what it ends with, one at a time; and one that has begun goes on when its page is closed.
func TestARollbackIsToldLineByLine(t *testing.T) {
	t.Parallel()
	begun, goOn := make(chan context.Context), make(chan bool)
	g := &Gate{token: "t", RollBack: func(ctx context.Context, o Order, w io.Writer) (int, error) {
		fmt.Fprint(w, "changed     ~ ")
		fmt.Fprintf(w, "\"x\"\nto %d\n", o.To)
		begun <- ctx
		<-goOn
		if o.Dry {
			return 0, nil
		}
		return 3, errors.New("syd is late")
	}}
	h := g.handler(t.Context(), nil)
	ask := func(ctx context.Context, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(ctx, "POST", "http://127.0.0.1:7"+rollBackPath, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer t")
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	answers := make(chan *httptest.ResponseRecorder)
	ctx, leave := context.WithCancel(t.Context())
	go func() { answers <- ask(ctx, `{"to": 7, "live": 9, "dry": true}`) }()
	of := <-begun
	leave()
	if w := ask(t.Context(), `{"to": 7, "live": 9}`); w.Code != http.StatusConflict || of.Err() != nil {
		t.Errorf("meanwhile: got %d %s; the first: %v", w.Code, w.Body, of.Err())
	}
	goOn <- true
	const lines = "{\"say\":\"changed     ~ \\\"x\\\"\"}\n{\"say\":\"to 7\"}\n"
	if got := (<-answers).Body.String(); got != lines+"{\"status\":0}\n" {
		t.Errorf("got %q", got)
	}
	go func() { <-begun; goOn <- true }()
	if w := ask(t.Context(), `{"to": 7, "live": 9}`); w.Body.String() != lines+"{\"error\":\"syd is late\",\"status\":3}\n" || w.Header().Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("got %v %q", w.Header(), w.Body)
	}
}

// TestThePageSaysWhetherItRollsBack, and what stands there is no script.
func TestThePageSaysWhetherItRollsBack(t *testing.T) {
	t.Parallel()
	for want, g := range map[string]*Gate{
		`<html lang="en" data-rollback="yes">`:                       {RollBack: func(context.Context, Order, io.Writer) (int, error) { return 0, nil }},
		`<html lang="en" data-rollback="&lt;b&gt; &#34;there&#34;">`: {Why: `<b> "there"`},
	} {
		w := httptest.NewRecorder()
		g.handler(t.Context(), nil).ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1:7/", nil))
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("there is no %s", want)
		}
	}
}

// TestVisitsAreOfSoManyDays, and where nothing is counted that is said.
func TestVisitsAreOfSoManyDays(t *testing.T) {
	t.Parallel()
	d := New(t.Context(), Host{Visits: func(days int) (*Visits, error) {
		switch days {
		case 1:
			return nil, ErrNotCounted
		case 2:
			return nil, errors.New("the disk is gone")
		}
		return &Visits{Pages: []Counted{{"/", 3, 2}}}, nil
	}})
	for query, want := range map[string]string{
		"":         "400 want 1 to 31 days",
		"?days=0":  "400 want 1 to 31 days",
		"?days=32": "400 want 1 to 31 days",
		"?days=x":  "400 want 1 to 31 days",
		"?days=1":  `200 {"off":"nothing is counted: the configuration has no [stats]","days":null,"pages":null,"countries":null,"referrers":null,"names":null,"sources":null}`,
		"?days=2":  "500 the disk is gone",
		"?days=31": `200 {"off":"","days":null,"pages":[{"name":"/","views":3,"visitors":2}],"countries":null,"referrers":null,"names":null,"sources":null}`,
	} {
		w := httptest.NewRecorder()
		d.TellVisits(w, httptest.NewRequest("GET", VisitsPath+query, nil))
		if got := fmt.Sprint(w.Code, " ", strings.TrimSpace(w.Body.String())); got != want {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
	}
}
