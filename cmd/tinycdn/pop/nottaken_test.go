package pop

import (
	"slices"
	"strings"
	"testing"
)

// reload takes over what has changed, and gives what is told of changes that were not.
func (h *fixture) reload() (told []string) {
	h.t.Helper()
	last := h.pop.current
	next := h.load()
	for _, f := range notTaken(next, last, h.pop.reporter.reported) {
		told = append(told, strings.ReplaceAll(f.Text, h.dir+"/", ""))
	}
	h.pop.reporter.report(h.pop.findingsOf(next), false, false)
	return told
}

// The mistake was told yesterday: who edits a file today has to be told that nothing comes of it.
func TestEachChangeThatIsNotTakenOverIsTold(t *testing.T) {
	h := newWholeFixture(t)
	h.load()
	for _, step := range []struct {
		file, text string
		want       string
	}{
		{"a.example.zone", "this is no zone", ""},
		{"b.example.zone", "$TTL 60\n@ SOA ns h 2 2 3 4 5\n@ NS ns\nns A 192.0.2.2\n", ""},
		{"a.example.zone", "this is no zone\n\n", "a.example.zone has changed, and is not taken over because of a.example.zone:1"},
		{"", "", ""}, // a look now and then
		{"a.example.zone", "$TTL 60\n@ SOA ns.b.example. h 1 2 3 4 5\n@ NS ns.b.example.\n", ""},

		{"chain.pem", "nonsense", ""},
		{"chain.pem", "more nonsense", "chain.pem has changed, and is not taken over because of chain.pem: holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"},

		{"tinycdn.toml", "zones = ['*.zone', 'new']\n[nonsense]\n", ""},
		{"new", "$TTL 60\n", "new has changed, and is not taken over because of tinycdn.toml:2"},
		{"new", "$TTL 600\n", "new has changed, and is not taken over because of tinycdn.toml:2"},
		{"b.example.zone", "$TTL 60\n@ SOA ns h 3 2 3 4 5\n@ NS ns\nns A 192.0.2.2\n", ""},
		{"", "", ""},
		{"tinycdn.toml", "zones = ['*.zone', 'new']\n[nonsense]\nx = 1\n", "tinycdn.toml has changed, and is not taken over because of tinycdn.toml:2"},
		{"tinycdn.toml", "zones = ['*.zone', 'new']\n\n[nonsense]\nx = 1\n", ""}, // which is told anew, of another line
	} {
		if step.file != "" {
			h.write(step.file, step.text)
		}
		var want []string
		if step.want != "" {
			want = []string{step.want}
		}
		if got := h.reload(); !slices.Equal(got, want) {
			t.Errorf("%s becomes %q: told %q, want %q", step.file, step.text, got, want)
		}
	}
}
