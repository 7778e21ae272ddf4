package state

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// Whoever owns the state folder may be less than the one who writes there: a start as root without a user.
func TestLinksInTheStateLeadNowhere(t *testing.T) {
	t.Parallel()
	for _, depth := range []string{"", "zones", "zones/a.zone"} {
		state, files, outside := t.TempDir(), t.TempDir(), t.TempDir()
		zone, other := filepath.Join(files, "zones/a.zone"), filepath.Join(files, "other.toml")
		write(t, zone, "a", noon)
		write(t, other, "other", noon)
		victim := filepath.Join(outside, "a.zone")
		write(t, victim, "theirs", noon)
		c := At(state).Copies("tinycdn.toml")
		keep(t, c, true, setOf(zone), setOf(other))

		at := filepath.Join(c.Folder, files, depth)
		if depth == "" {
			at = c.Folder
		}
		to := outside
		if depth == "zones/a.zone" {
			to = victim
		}
		if err := os.RemoveAll(at); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, at); err != nil {
			t.Fatal(err)
		}
		if text, _, err := c.Read(zone, 100); err == nil {
			t.Errorf("%q leads out: %q was read", depth, text)
		}
		write(t, zone, "aa", noon.Add(time.Second))
		c.Keep([]Set{setOf(zone)}, nothing)
		c.Keep(nil, func(string) bool { return true })
		found, err := os.ReadDir(outside)
		text, _ := os.ReadFile(victim)
		if err != nil || len(found) != 1 || string(text) != "theirs" {
			t.Errorf("%q leads out: there are %v now, %v, and a.zone holds %q", depth, found, err, text)
		}
	}
}

func nothing(string) bool { return false }

func TestOneCopyThatCannotBeWrittenCostsNoOther(t *testing.T) {
	t.Parallel()
	files := t.TempDir()
	zone, other := filepath.Join(files, "a.zone"), filepath.Join(files, "b.zone")
	write(t, zone, "a", noon)
	write(t, other, "b", noon)
	c := At(t.TempDir()).Copies("tinycdn.toml")
	blocked := filepath.Join(c.Folder, zone)
	if err := os.MkdirAll(blocked, 0o750); err != nil {
		t.Fatal(err)
	}
	var told []string
	for range 2 {
		_, err := c.Keep([]Set{setOf(zone), setOf(other)}, nothing)
		if err == nil {
			t.Fatal("nothing is told")
		}
		told = append(told, err.Error())
	}
	if want := blocked + ": file exists"; told[0] != want || told[1] != want {
		t.Errorf("got %q, want %q both times", told, want)
	}
	wantCopy(t, c, other, "b")
	if got := c.Files(); !slices.Equal(got, []string{other}) {
		t.Errorf("there are copies of %v", got)
	}
}

func TestCopiesThatSomebodyDeletesAreMadeAgain(t *testing.T) {
	t.Parallel()
	state, zone := filepath.Join(t.TempDir(), "state"), filepath.Join(t.TempDir(), "a.zone")
	write(t, zone, "a", noon)
	c := At(state).Copies("tinycdn.toml")
	keep(t, c, true, setOf(zone))
	for _, gone := range []string{filepath.Join(c.Folder, zone), state} {
		if err := os.RemoveAll(gone); err != nil {
			t.Fatal(err)
		}
		keep(t, c, true, setOf(zone))
		wantCopy(t, c, zone, "a")
	}
}
