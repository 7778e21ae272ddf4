package pop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/config"
)

// Who orders is the first that is well, but a change of that takes ten minutes, and who has just come asks. Where none has ordered yet the
// first is waited for for half a minute.
func TestWhoOrders(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	type moment struct {
		after float64 // minutes
		well  string  // the POPs that are, and are heard
		says  string  // who orders, as the others have it
		want  string
	}
	const a, bc, abc = "a", "bc", "abc"
	for what, story := range map[string][]moment{
		"the first, at once":                                   {{0, abc, "", a}},
		"the first is waited for":                              {{0, bc, "", ""}, {0.4, abc, "", a}},
		"another if it does not come":                          {{0, bc, "", ""}, {0.4, bc, "", ""}, {0.5, bc, "", "b"}, {1, abc, "", "b"}, {10, abc, "", "b"}, {11, abc, "", a}},
		"nobody else is heard yet":                             {{0, a, "", ""}, {0.4, a, "", ""}, {0.5, a, "", a}},
		"somebody knows":                                       {{0, a, "", ""}, {0.1, "ac", "b", "b"}},
		"nobody is well at the beginning":                      {{0, "", "", ""}, {0.5, "", "", a}},
		"another after ten minutes, and the first again after": {{0, abc, "", a}, {1, bc, "", a}, {10, bc, "", a}, {11, bc, "", "b"}, {12, abc, "", "b"}, {21, abc, "", "b"}, {22, abc, "", a}},
		"who is away for a moment stays":                       {{0, abc, "", a}, {1, bc, "", a}, {6, abc, "", a}, {7, bc, "", a}, {16, bc, "", a}, {17, bc, "", "b"}},
		"who has just come goes by what the others say":        {{0, abc, "b", "b"}, {9, abc, "b", "b"}, {10, abc, "b", a}},
		"where nobody is well it is who it was":                {{0, abc, "", a}, {1, bc, "", a}, {11, bc, "", "b"}, {12, "", "", "b"}, {40, "", "", "b"}},
		"one that should changes: it counts anew":              {{0, abc, "", a}, {1, bc, "", a}, {6, "c", "", a}, {11, "c", "", a}, {16, "c", "", "c"}},
		"the clock is set back":                                {{60, abc, "", a}, {61, bc, "", a}, {0, bc, "", a}, {10, bc, "", "b"}},
		"it is not one of them any more":                       {{0, abc, "gone", a}},
	} {
		var s succession
		var got, want []string
		for _, m := range story {
			var all []candidate
			for _, name := range abc {
				c := candidate{name: string(name), well: strings.ContainsRune(m.well, name)}
				c.heard = c.well || name == 'a'
				if c.name != "a" {
					c.says = m.says
				}
				all = append(all, c)
			}
			got, want = append(got, s.judge(begin.Add(time.Duration(m.after*float64(time.Minute))), "a", all)), append(want, m.want)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
}

func TestWithoutPOPsNobodyOrders(t *testing.T) {
	t.Parallel()
	if got := (&succession{orderer: "a"}).judge(time.Now(), "a", nil); got != "" {
		t.Errorf("got %q", got)
	}
}

// Hosts for which there is a pair of files are left to it. What no authority gives a certificate for by name must not keep it from the names
// beside it.
func TestWhatIsOrdered(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "tinycdn.toml")
	text := "[pops.a]\naddresses = [\"127.0.0.1\"]\n[acme]\n[sites.one]\nroot = \".\"\nhosts = [\"www.example.org\", \"example.org\", \"localhost\", \"192.0.2.1\", \"*\"]\n[sites.\"two.example\"]\nroot = \".\"\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(config.Load(path).Certificates(func(host string) bool { return host == "example.org" }))
	if want := "[{one [www.example.org]} {two.example [two.example]}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
