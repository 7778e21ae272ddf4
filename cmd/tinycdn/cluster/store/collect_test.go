package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// numbers are those of the generations that are there.
func numbers(t *testing.T, s *Store) (list []uint64) {
	t.Helper()
	all, err := s.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		if _, err := os.Stat(s.Tree(k.ID)); err == nil {
			list = append(list, k.ID.Number)
		}
	}
	return list
}

func TestGenerationsGo(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		limits Limits
		after  time.Duration // since they came
		need   int64
		named  bool // the oldest is
		want   []uint64
	}{
		"not for their number alone": {Limits{2, 7 * day, 1 << 30}, day, 0, false, []uint64{5, 4, 3, 2, 1}},
		"nor for their age alone":    {Limits{10, 7 * day, 1 << 30}, 8 * day, 0, false, []uint64{5, 4, 3, 2, 1}},
		"for both":                   {Limits{3, 7 * day, 1 << 30}, 8 * day, 0, false, []uint64{5, 4, 3}},
		"but not the one before":     {Limits{0, 0, 1 << 30}, 8 * day, 0, false, []uint64{5, 4}},
		"nor what is named":          {Limits{0, 0, 1 << 30}, 8 * day, 0, true, []uint64{5, 4, 1}},
		"where room is short":        {Limits{10, 7 * day, 5_200}, 0, 1_000, false, []uint64{5, 4, 3, 2}},
		"where it is very short":     {Limits{10, 7 * day, 5_200}, 0, 1 << 20, false, []uint64{5, 4}},
		"room that there is":         {Limits{10, 7 * day, 1 << 20}, 0, 1_000, false, []uint64{5, 4, 3, 2, 1}},
	} {
		s := open(t)
		last := &manifest.Signed{}
		var first *manifest.Signed
		for i := range 5 {
			last = serve(t, s, last, map[string]string{"a": fmt.Sprint(i) + strings.Repeat("x", 999)})
			if i == 0 {
				first = last
			}
		}
		var named []manifest.ID
		if c.named {
			named = append(named, first.ID)
		}
		if err := s.Collect(time.Now().Add(c.after), c.limits, c.need, named...); err != nil {
			t.Fatal(name, err)
		}
		if got := numbers(t, s); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
		for _, k := range c.want {
			if k == last.Number && whole(s, last) != nil {
				t.Errorf("%s: what is served is no longer whole", name)
			}
		}
	}
}

func TestContentsStayForADay(t *testing.T) {
	t.Parallel()
	s := open(t)
	first := serve(t, s, &manifest.Signed{}, map[string]string{"a": "one"})
	second := serve(t, s, first, map[string]string{"a": "two"})
	serve(t, s, second, map[string]string{"a": "three"})
	offered := list(t, second, map[string]string{"offered": "four"})
	if err := s.KeepManifest(offered); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"four", "five"} {
		if err := s.Put(Part{Hash: sha256.Sum256([]byte(text)), Size: int64(len(text))}, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	os.WriteFile(s.beginning(manifest.Hash{1}), []byte("x"), 0o600)
	os.Mkdir(s.Tree(first.ID)+".new", 0o750)
	for _, c := range []struct {
		after time.Duration
		want  string // what is there of one, two, three, four, five
	}{
		{23 * time.Hour, "11111"}, {25 * time.Hour, "01110"}, {50 * time.Hour, "01100"},
	} {
		now := time.Now().Add(c.after)
		if c.after < 24*time.Hour { // it is offered once more
			os.Chtimes(s.list(offered.ID), now, now)
		}
		if err := s.Collect(now, Limits{Keep: 2, Disk: 1 << 30}, 0); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, text := range []string{"one", "two", "three", "four", "five"} {
			got += map[bool]string{true: "1", false: "0"}[s.Has(sha256.Sum256([]byte(text)))]
		}
		if got != c.want {
			t.Errorf("after %v: got %s, want %s", c.after, got, c.want)
		}
	}
	for _, path := range []string{s.beginning(manifest.Hash{1}), s.Tree(first.ID) + ".new", s.list(offered.ID)} {
		if _, err := os.Lstat(path); !isGone(err) {
			t.Errorf("%s is still there", path)
		}
	}
}

// TestAGenerationStaysAsLongAfterItWasServed: one that came long before, as a canary does, was not there to be served until it was.
func TestAGenerationStaysAsLongAfterItWasServed(t *testing.T) {
	t.Parallel()
	s, last := open(t), &manifest.Signed{}
	for i := range 3 {
		last = serve(t, s, last, map[string]string{"a": fmt.Sprint(i)})
		if i == 1 {
			long := time.Now().Add(-30 * 24 * time.Hour)
			if err := os.Chtimes(s.list(last.ID), long, long); err != nil {
				t.Fatal(err)
			}
			if err := s.Switch(last.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Collect(time.Now(), Limits{1, 7 * 24 * time.Hour, 1 << 30}, 0); err != nil {
		t.Fatal(err)
	}
	if got := numbers(t, s); len(got) != 3 {
		t.Errorf("there are %v", got)
	}
}

// To know how much room there is, not every content is looked at each time.
func TestRoomIsAsItWasCounted(t *testing.T) {
	t.Parallel()
	s := open(t)
	limits := Limits{Keep: 1, Disk: 10_000}
	last := serve(t, s, &manifest.Signed{}, map[string]string{"a": "one"}) // and a configuration of 13 octets
	for i, c := range []struct {
		text string
		want int64
	}{{strings.Repeat("x", 1000), 8984}, {strings.Repeat("y", 2000), 6984}} {
		if i == 0 {
			s.Room(limits)
		}
		last = serve(t, s, last, map[string]string{"a": c.text})
		if got := s.Room(limits); got != c.want {
			t.Errorf("%d octets more: room for %d, want %d", len(c.text), got, c.want)
		}
	}
	if err := s.Collect(time.Now().Add(48*time.Hour), limits, 1); err != nil {
		t.Fatal(err)
	}
	if got, want := s.Room(limits), int64(10_000-13-1000-2000); got != want {
		t.Errorf("room for %d, want %d", got, want)
	}
}

// What is known to be there is not looked at, and what is not there any more Build tells.
func TestWhatIsKnownIsLookedAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t)
	files := map[string]string{"a": "one", "b": "two"}
	first := serve(t, s, &manifest.Signed{}, files)
	f, _ := first.Find("b")
	if err := os.Remove(s.blob(f.Hash)); err != nil {
		t.Fatal(err)
	}
	files["new"] = "three"
	second := list(t, first, files)
	if unknown := s.Unknown(&second.Manifest); len(unknown) != 1 || unknown[0].Size != int64(len("three")) {
		t.Errorf("unknown are %v", unknown)
	}
	s.Put(Part{Hash: sha256.Sum256([]byte("three")), Size: 5}, strings.NewReader("three"))
	_, err := s.Build(second)
	if gone := (*Gone)(nil); !errors.As(err, &gone) || gone.Hash != f.Hash {
		t.Errorf("got %v", err)
	}
	put(t, s, second, files)
	if _, err := s.Build(second); err != nil {
		t.Error(err)
	}
}
