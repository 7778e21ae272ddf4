package notify

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestTheHostTellsHowAMessageIsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://ntfy.sh/topic":                        "ntfy ntfy.sh",
		"https://ntfy.example.org:8443/topic":          "ntfy ntfy.example.org:8443",
		"https://hooks.slack.com/services/T0/B0/XXX":   "slack hooks.slack.com",
		"https://discord.com/api/webhooks/1/XXX/slack": "slack discord.com",
		"https://discord.com/api/webhooks/1/XXX":       "plain discord.com",
		"https://example.org/hook":                     "plain example.org",
		"ntfy+http://127.0.0.1:8080/topic":             "ntfy 127.0.0.1:8080",
		"slack+https://chat.example.org/hooks/XXX":     "slack chat.example.org",
		"plain+https://ntfy.sh/topic":                  "plain ntfy.sh",
		"https://user:secret@example.org/a+b":          "plain example.org",
		"teams+https://example.org/":                   "want the URL of a webhook",
		"ntfy.sh/secret":                               "want the URL of a webhook",
		"https:///secret":                              "the URL has no host",
		"https://exa mple/secret":                      "this is no URL",
		"":                                             "want the URL of a webhook",
	} {
		target, err := Parse(text)
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(target.Format, " ", target)
		}
		if !strings.HasPrefix(got, want) || strings.Contains(got, "secret") {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// taken is a request as a webhook got it.
type taken struct {
	Method, Path, Title, Tags, Priority, Type, User, Body string
}

func TestAMessageIsWrittenAsItIsWanted(t *testing.T) {
	t.Parallel()
	got := make(chan taken, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		got <- taken{r.Method, r.URL.RequestURI(), r.Header.Get("Title"), r.Header.Get("Tags"), r.Header.Get("Priority"), r.Header.Get("Content-Type"), user + password, string(body)}
		fmt.Fprintf(w, "{\"id\":\x07 7}\nmore")
	}))
	defer server.Close()
	change := Change{POP: "syd", Down: true, What: "pages over IPv6", Since: time.Date(2026, 11, 29, 14, 2, 31, 0, time.UTC), Seen: "fra: \"timeout\""}
	m := change.Message()
	const text = "since 14:02:31 UTC\nseen by fra: \"timeout\""
	quoted, _ := json.Marshal(map[string]string{"text": "syd is down: pages over IPv6\n" + text})
	for prefix, want := range map[string]taken{
		"ntfy+":  {"POST", "/hook?a=b", "syd is down: pages over IPv6", "rotating_light", "high", "text/plain; charset=utf-8", "mepass", text},
		"slack+": {"POST", "/hook?a=b", "", "", "", "application/json", "mepass", string(quoted)},
		"":       {"POST", "/hook?a=b", "", "", "", "text/plain; charset=utf-8", "mepass", "syd is down: pages over IPv6\n" + text},
	} {
		target, err := Parse(prefix + strings.Replace(server.URL, "http://", "http://me:pass@", 1) + "/hook?a=b")
		if err != nil {
			t.Fatal(err)
		}
		tries := TryAll(t.Context(), m, []Target{target})
		if is := <-got; is != want {
			t.Errorf("%q:\ngot  %+v\nwant %+v", prefix, is, want)
		}
		if tries[0].Error != "" || tries[0].Said != `200 OK {"id": 7}` {
			t.Errorf("%q: %+v", prefix, tries[0])
		}
	}
}

func TestWhatIsToldOfAChange(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 11, 29, 14, 2, 31, 0, time.FixedZone("", 3600))
	for _, c := range []struct {
		message Message
		want    string
		urgent  bool
	}{
		{(&Change{POP: "syd", What: "pages over IPv4", Down: true, Since: since, Seen: "fra and nyc: timeout", Effect: "visitors are sent to other POPs"}).Message(),
			"syd is down: pages over IPv4 | since 13:02:31 UTC\nseen by fra and nyc: timeout\nvisitors are sent to other POPs", true},
		{(&Change{POP: "syd", What: "DNS over IPv4", Since: since}).Message(), "syd is up again: DNS over IPv4 | since 13:02:31 UTC", false},
		{Drained("syd", "laptop", true, 2*time.Hour), "syd is drained | by laptop, for 2 h\nvisitors are sent to the other POPs", false},
		{Drained("syd", "laptop", true, 90*time.Minute+time.Second), "syd is drained | by laptop, for 1 h 30 min\nvisitors are sent to the other POPs", false},
		{Drained("syd", "laptop", true, 10*time.Second), "syd is drained | by laptop, for 1 min\nvisitors are sent to the other POPs", false},
		{Drained("syd", "laptop", true, 0), "syd is drained | by laptop\nvisitors are sent to the other POPs", false},
		{Drained("syd", "", false, 0), "syd is drained no longer | visitors are sent to it again", false},
	} {
		if got := c.message.Title + " | " + c.message.Text; got != c.want || c.message.Urgent != c.urgent {
			t.Errorf("got %q, %v", got, c.message.Urgent)
		}
	}
}

func TestOnlyWhatGrowsOldIsTold(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	in := func(days int) time.Time { return now.AddDate(0, 0, days) }
	fresh := []Certificate{{"example.org", in(-30), in(60)}, {"short.example", in(-2), in(15)}, {"unknown.example", time.Time{}, in(20)}}
	if m, ok := Aging(now, fresh, []Database{{"city.mmdb", in(-44)}, {"none.mmdb", time.Time{}}}); ok {
		t.Errorf("nothing is old, and it is told: %+v", m)
	}
	m, ok := Aging(now, append(fresh, Certificate{"old.example", in(-91), in(-1)}, Certificate{"year.example", in(-300), in(65)}, Certificate{"soon.example", in(-76), in(13)}),
		[]Database{{"city.mmdb", in(-46)}})
	want := "the certificate for old.example has expired\nthe certificate for soon.example expires in 13 days\nthe certificate for year.example expires in 65 days\nthe database city.mmdb is 46 days old"
	if !ok || m.Text != want || !m.Urgent {
		t.Errorf("got %v, %+v", ok, m)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("ntfy+https://ntfy.sh/topic")
	f.Fuzz(func(t *testing.T, text string) {
		target, err := Parse(text)
		if err != nil {
			return
		}
		m := Test("nyc")
		if r, err := target.request(t.Context(), &m); err == nil && (r.URL.Hostname() == "" || r.Method != http.MethodPost) {
			t.Errorf("%q: %v", text, r.URL)
		}
	})
}
