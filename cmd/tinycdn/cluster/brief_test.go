package cluster

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// noting writes down what a POP is asked for.
func noting(asked *[]string) func(*testPOP) {
	var mu sync.Mutex
	return func(p *testPOP) {
		p.wrap = func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				if p.name == "nyc" && r.URL.Path != "/v1/rows" && r.URL.Path != "/v1/give" {
					*asked = append(*asked, strings.TrimPrefix(r.URL.Path, "/v1/"))
				}
				mu.Unlock()
				h.ServeHTTP(w, r)
			})
		}
	}
}

func TestWhatIsSmallTakesTwoRoundTrips(t *testing.T) {
	t.Parallel()
	var asked []string
	c := newClusterOf(t, noting(&asked), "nyc", "fra", "syd")
	parent := &manifest.Signed{}
	for _, step := range []struct{ text, want string }{
		{"one", "generation contents prepare commit"}, // there is nothing to tell the list against
		{"two", "prepare commit"},
		{strings.Repeat("three", 100_000), "generation contents prepare commit"}, // it does not go to every POP
		{"two", "prepare commit"},                                                // which is there already
	} {
		asked = nil
		list, out, err := c.publishAs(t.Context(), t, &Publisher{Key: c.owner, Members: c.members, Base: parent}, parent, step.text)
		if err != nil || len(out.Live) != 3 {
			t.Fatalf("%.10s: %+v, %v", step.text, out, err)
		}
		// Who gets what is large from another POP is asked to fetch it.
		if got := strings.ReplaceAll(strings.Join(asked, " "), "fetch", "contents"); got != step.want {
			t.Errorf("%.10s: it was asked for %q, want %q", step.text, got, step.want)
		}
		for _, p := range c.pops {
			if p.serving() != step.text {
				t.Errorf("%.10s: %s serves %.10q", step.text, p.name, p.serving())
			}
		}
		parent = list
	}
}

func TestAPOPThatLacksMoreThanWhatIsNewGetsAll(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(m *Member, base *manifest.Signed) error{
		"the list": func(m *Member, base *manifest.Signed) error {
			return os.Remove(m.path("store/manifests/" + filepath.Base(m.store.Tree(base.ID))))
		},
		"half of the list": func(m *Member, base *manifest.Signed) error {
			return os.Truncate(m.path("store/manifests/"+filepath.Base(m.store.Tree(base.ID))), 100)
		},
		"a content": func(m *Member, base *manifest.Signed) error { return os.RemoveAll(m.path("store/blobs")) },
		"a whole content": func(m *Member, base *manifest.Signed) error {
			name := base.Files[0].Hash.String()
			return os.WriteFile(m.path("store/blobs/"+name[:2]+"/"+name), []byte("???"), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, "nyc", "fra")
			first, _, err := c.publish(t, &manifest.Signed{}, "one")
			if err != nil {
				t.Fatal(err)
			}
			if err := harm(c.pops[0].Member, first); err != nil {
				t.Fatal(err)
			}
			// The content is that of the base, so none goes along.
			m := first.Manifest
			m.Number, m.Parent, m.Note = 2, first.ID, "the same again"
			second, err := m.Sign(c.owner)
			if err != nil {
				t.Fatal(err)
			}
			p := &Publisher{Key: c.owner, Members: c.members, Base: first}
			defer p.Close()
			out, err := p.Publish(t.Context(), second, nil)
			if err != nil || len(out.Live) != 2 || c.pops[0].serving() != "one" {
				t.Errorf("%+v, %v, %q is served", out, err, c.pops[0].serving())
			}
		})
	}
}

func TestAMistakeInWhatIsSmallChangesNothing(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra")
	first, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	as := func() *Publisher { return &Publisher{Key: c.owner, Members: c.members, Base: first} }
	_, _, err = c.publishAs(t.Context(), t, as(), first, "wrong")
	if wrong, ok := err.(*Mistakes); !ok || !slices.Equal(wrong.Lines, []string{"fra: tinycdn.toml:1: it is wrong", "nyc: tinycdn.toml:1: it is wrong"}) {
		t.Errorf("%#v", err)
	}
	if _, _, err := c.publishAs(t.Context(), t, as(), first, "two"); err != nil || c.pops[0].serving() != "two" {
		t.Errorf("%v, nyc serves %q", err, c.pops[0].serving())
	}
}

func TestBriefsThatAreNone(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc")
	first, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	m := manifest.Manifest{Number: 2, Parent: first.ID, Config: "tinycdn.toml", By: "owner", Time: time.Now(), Files: first.Files}
	second, err := m.Sign(c.owner)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := channel.PackList(second, first)
	if err != nil {
		t.Fatal(err)
	}
	text := func(b brief) string {
		text, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(text) + "\n"
	}
	client := channel.NewClient(c.owner, c.members.POPs[0])
	defer client.Close()
	for name, body := range map[string]string{
		"nothing":               "",
		"no JSON":               "prepare\n",
		"another list":          text(brief{first.ID, packed}),
		"no list":               text(brief{second.ID, []byte("base 1\n")}),
		"what is not there":     text(brief{ID: manifest.ID{Number: 2, Hash: manifest.Hash{1}}}),
		"half a content":        text(brief{second.ID, packed}) + "half",
		"more than is small":    text(brief{second.ID, packed}) + strings.Repeat("x", maxBrief),
		"a line without an end": strings.Repeat("x", maxBrief+1),
	} {
		if err := client.Send(t.Context(), "/v1/prepare", strings.NewReader(body), nil); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if err := client.Send(t.Context(), "/v1/prepare", strings.NewReader(text(brief{second.ID, packed})), nil); err != nil {
		t.Error(err)
	}
}

// POPs may prepare what is published before it is known that it follows what is live.
func TestNothingIsLiveBeforeItIsSureWhatItFollows(t *testing.T) {
	t.Parallel()
	c := newCluster(t, "nyc", "fra", "syd")
	first, _, err := c.publish(t, &manifest.Signed{}, "one")
	if err != nil {
		t.Fatal(err)
	}
	other := errors.New("something else is live")
	for name, text := range map[string]string{"what is small": "two", "what is large": strings.Repeat("three", 100_000), "a mistake": "wrong"} {
		p := &Publisher{Key: c.owner, Members: c.members, Base: first, Sure: func() error { return other }}
		_, out, err := c.publishAs(t.Context(), t, p, first, text)
		if err != other || len(out.Live) > 0 {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
		for _, pop := range c.pops {
			pop.mu.Lock()
			if pop.serves != "one" {
				t.Errorf("%s: %s serves %.10q", name, pop.name, pop.serves)
			}
			pop.mu.Unlock()
			pop.Member.mu.Lock()
			if pop.agreed.Promise.ID.Number != 0 {
				t.Errorf("%s: %s has promised %v", name, pop.name, pop.agreed.Promise.ID)
			}
			pop.Member.mu.Unlock()
		}
	}
	asked := 0
	var mu sync.Mutex
	p := &Publisher{Key: c.owner, Members: c.members, Base: first, Sure: func() error {
		mu.Lock()
		defer mu.Unlock()
		asked++
		return nil
	}}
	if _, out, err := c.publishAs(t.Context(), t, p, first, "two"); err != nil || len(out.Live) != 3 || asked == 0 {
		t.Errorf("%+v, %v, asked %d times", out, err, asked)
	}
}
