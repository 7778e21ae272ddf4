package diag

import "testing"

func TestClosestSpelling(t *testing.T) {
	t.Parallel()
	words := []string{"world", "site", "nyc", "fra", "addresses"}
	for word, want := range map[string]string{
		"wrold": "world", "World": "world", "adresses": "addresses", "sites": "site", "ncy": "nyc", "FRA": "fra",
		"frankfurt": "", "x": "", "": "", "zzzzz": "",
	} {
		if got := ClosestSpelling(word, words); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
