package dashboard

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func ptr(n float64) *float64 { return &n }

// TestRatesAreOfTheLastSecondAndHitsOfTheLastMinute, for all who look within a second alike.
func TestRatesAreOfTheLastSecondAndHitsOfTheLastMinute(t *testing.T) {
	t.Parallel()
	counted := Totals{}
	looks := 0
	d := New(t.Context(), Host{
		State:  func(time.Time) *State { looks++; return &State{POP: "nyc"} },
		Totals: func(time.Time) Totals { return counted },
	})
	begin := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		after time.Duration
		is    Totals
		want  Moves
	}{
		{0, Totals{Questions: 1000, Pages: 50, Kept: 40, Fetched: 10}, Moves{}},
		{time.Second, Totals{Questions: 1100, Pages: 60, Kept: 49, Fetched: 11, Open: 7}, Moves{Questions: ptr(100), Pages: ptr(10), Hits: ptr(0.9), Open: 7}},
		{1500 * time.Millisecond, Totals{Questions: 9999, Pages: 9999}, Moves{Questions: ptr(100), Pages: ptr(10), Hits: ptr(0.9), Open: 7}}, // too soon to look again
		{3 * time.Second, Totals{Questions: 1100, Pages: 70, Kept: 49, Fetched: 21}, Moves{Questions: ptr(0), Pages: ptr(5), Hits: ptr(0.45)}},
		{4 * time.Second, Totals{Questions: 900, Pages: 70, Kept: 49, Fetched: 21}, Moves{Questions: ptr(0), Pages: ptr(0), Hits: ptr(0.45)}}, // a listener has gone
		{40 * time.Second, Totals{Questions: 1900, Pages: 90, Kept: 69, Fetched: 21}, Moves{Hits: ptr(29. / 40)}},                             // nobody has looked lately
		{99 * time.Second, Totals{Questions: 1900, Pages: 90, Kept: 69, Fetched: 21}, Moves{}},
	} {
		counted = c.is
		var got Moves
		if err := json.Unmarshal(d.look(begin.Add(c.after)).moves, &got); err != nil {
			t.Fatal(err)
		}
		got.At = time.Time{}
		if text, want := fmt.Sprint(string(line(got))), string(line(c.want)); text != want {
			t.Errorf("after %v: got %s, want %s", c.after, text, want)
		}
	}
	if looks != 6 {
		t.Errorf("the POP was asked %d times, want 6", looks)
	}
}

// TestEventsTellOfStateOnlyWhenItChanges, and end with the POP.
func TestEventsTellOfStateOnlyWhenItChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		begin := time.Now()
		d := New(ctx, Host{
			State:  func(now time.Time) *State { return &State{POP: fmt.Sprint("after ", now.Sub(begin) >= 2*time.Second)} },
			Totals: func(time.Time) Totals { return Totals{} },
		})
		time.AfterFunc(3500*time.Millisecond, end)
		w := httptest.NewRecorder()
		d.TellEvents(w, httptest.NewRequest("GET", EventsPath, nil))
		var names []string
		for lines := bufio.NewScanner(w.Body); lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				names = append(names, name)
			}
		}
		if got, want := strings.Join(names, " "), "state moves moves state moves moves"; got != want || w.Header().Get("Content-Type") != "text/event-stream" {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// TestTheMapIsPackedForWhoeverTakesIt, and what is wrong with it is told.
func TestTheMapIsPackedForWhoeverTakesIt(t *testing.T) {
	t.Parallel()
	wrong := errors.New("the disk is gone")
	d := New(t.Context(), Host{Map: func(name string) (func(io.Writer) error, error) {
		if name == "none" {
			return nil, errors.New("there is no such map")
		}
		return func(to io.Writer) error {
			if name == "bad" {
				return wrong
			}
			_, err := fmt.Fprintf(to, "<svg>%s</svg>", name)
			return err
		}, nil
	}})
	ask := func(query, coding string) string {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", MapPath+query, nil)
		r.Header.Set("Accept-Encoding", coding)
		d.TellMap(w, r)
		text := w.Body.String()
		if w.Header().Get("Content-Encoding") == "gzip" {
			unpacked, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			all, _ := io.ReadAll(unpacked)
			text = "packed " + string(all)
		}
		return fmt.Sprint(w.Code, " ", strings.TrimSpace(text))
	}
	got := []string{ask("", "identity"), ask("?map=site", "br, gzip"), ask("?map=none", "gzip"), ask("?map=bad", "gzip")}
	want := []string{"200 <svg></svg>", "200 packed <svg>site</svg>", "404 there is no such map", "500 the disk is gone"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestThePolicyOfThePageLetsNothingIn but its own script and style, as they are.
func TestThePolicyOfThePageLetsNothingIn(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	Page(`"><script>`).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	policy, text := w.Header().Get("Content-Security-Policy"), w.Body.String()
	for name, tag := range map[string]string{"script-src": "script", "style-src": "style"} {
		inside := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(text, -1)
		if len(inside) != 1 || !strings.Contains(policy, name+" "+hashOf(inside[0][1])+";") {
			t.Errorf("%s: there are %d, and the policy is %s", tag, len(inside), policy)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || regexp.MustCompile(` (style|on\w+)=`).MatchString(text) {
		t.Errorf("the policy is %s, or it has attributes that it forbids", policy)
	}
}

// TestNoNameCanDrawOnTheTerminal: names and reasons come from files and other POPs.
func TestNoNameCanDrawOnTheTerminal(t *testing.T) {
	t.Parallel()
	const odd = "\x1b[2J\nodd\x07"
	one := POP{Name: odd, State: odd, Why: odd, Drained: odd, Version: odd, Seen: map[string]Seen{odd: {odd, odd}}}
	text := Text(&State{
		POP: odd, Version: odd, POPs: []POP{one}, Certificates: []Certificate{{Name: odd, Why: odd}}, Wrong: []Wrong{{What: odd, Why: odd}},
		Reloads: []Reload{{What: odd, Errors: []string{odd}}}, Generation: &Generation{Served: 1, Live: 2, Canary: true},
	}, &Moves{Countries: []Country{{Code: odd}}})
	if strings.ContainsAny(text, "\x1b\x07") || strings.Count(text, "\n") != 13 || !strings.Contains(text, "generation 1 BEHIND 2 CANARY\n") {
		t.Errorf("got %d lines: %q", strings.Count(text, "\n"), text)
	}
}

// TestWhatIsNoDashboardIsToldApart from one that has ended.
func TestWhatIsNoDashboardIsToldApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status     int
		text, want string
	}{
		{200, "", "the POP does not answer any more"},
		{200, "event: state\ndata: {\"pop\": 7}\n\n", "the POP's answer makes no sense: json: cannot unmarshal number into Go struct field State.pop of type string"},
		{200, "event: moves\ndata: {}\n\n", "the POP does not answer any more"},
		{404, "404 page not found\n", "the POP that runs has no dashboard: tinycdn restart has it become the program on disk"},
		{503, "8 look on already: close another dashboard\n", "the POP answers 503 Service Unavailable: 8 look on already: close another dashboard"},
	} {
		err := Follow(t.Context(), answering(func(*http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			w.WriteHeader(c.status)
			w.WriteString(c.text)
			return w.Result(), nil
		}), func(*State, *Moves) bool { return true })
		if err == nil || err.Error() != c.want {
			t.Errorf("%d %q: got %v, want %s", c.status, c.text, err, c.want)
		}
	}
}

type answering func(*http.Request) (*http.Response, error)

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

// FuzzEventsAreRead whatever another POP says: an error, or what can be shown.
func FuzzEventsAreRead(f *testing.F) {
	f.Add("event: state\ndata: {\"pop\":\"nyc\",\"pops\":[{\"name\":\"fra\"}]}\n\nevent: moves\ndata: {\"questions\":3}\n\n")
	f.Add("event: moves\ndata: {}\n\nevent: state\ndata: null\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		err := readEvents(strings.NewReader(text), func(s *State, m *Moves) bool {
			if shown := Text(s, m); strings.Contains(shown, "\x1b") {
				t.Errorf("it draws: %q", shown)
			}
			return true
		})
		if err == nil {
			t.Error("it never ends")
		}
	})
}
