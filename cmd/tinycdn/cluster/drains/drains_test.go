package drains

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func open(t *testing.T, path string) *Set {
	t.Helper()
	return Open(path, slog.New(slog.DiscardHandler))
}

func anybody(string) bool { return true }

func say(t *testing.T, s *Set, pop string, drained bool, during time.Duration) {
	t.Helper()
	if _, err := s.Say(pop, drained, during, "laptop"); err != nil {
		t.Fatal(err)
	}
}

// text is who is drained, and for how long yet.
func text(s *Set) string {
	var list []string
	for _, d := range s.Drained() {
		list = append(list, fmt.Sprint(d.POP, " ", d.Left))
	}
	return strings.Join(list, ", ")
}

func TestADrainRunsOutByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, "")
		if _, ok := s.Next(); ok {
			t.Error("something is to end")
		}
		say(t, s, "syd", true, 0)
		say(t, s, "fra", true, 2*time.Hour)
		if left, ok := s.Next(); !ok || left != 2*time.Hour {
			t.Error(left, ok)
		}
		time.Sleep(2*time.Hour - time.Second)
		if got := text(s); got != "fra 1s, syd 0s" {
			t.Error(got)
		}
		time.Sleep(time.Second)
		if got := text(s); got != "syd 0s" {
			t.Error(got)
		}
		say(t, s, "syd", false, 0)
		if got := text(s); got != "" {
			t.Error(got)
		}
	})
}

func TestTheNewestWordCountsEverywhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		nyc, fra := open(t, ""), open(t, "")
		say(t, nyc, "syd", true, time.Hour)
		old := nyc.All()
		fra.Hear(old, anybody)
		say(t, fra, "syd", false, 0) // in the same millisecond
		nyc.Hear(fra.All(), anybody)
		fra.Hear(old, anybody) // from somebody who was away
		if a, b := text(nyc), text(fra); a != "" || b != "" {
			t.Errorf("%q, %q", a, b)
		}

		// Two words at the same moment: one of them counts, at both.
		nyc, fra = open(t, ""), open(t, "")
		say(t, nyc, "syd", true, time.Hour)
		say(t, fra, "syd", true, 2*time.Hour)
		one, other := nyc.All(), fra.All()
		nyc.Hear(other, anybody)
		fra.Hear(one, anybody)
		if a, b := text(nyc), text(fra); a != "syd 2h0m0s" || b != a {
			t.Errorf("%q, %q", a, b)
		}
	})
}

// What a clock says between two processes counts only until somebody tells who has counted meanwhile.
func TestAClockThatIsOffEndsNoDrain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "drains")
	synctest.Test(t, func(t *testing.T) {
		nyc, syd := open(t, ""), open(t, path)
		say(t, syd, "syd", true, 2*time.Hour)
		nyc.Hear(syd.All(), anybody)
		time.Sleep(30 * time.Minute)
		setClock(t, path, -5*time.Hour) // while syd is down its clock goes five hours ahead
		syd = open(t, path)
		if got := text(syd); got != "" {
			t.Errorf("by its own clock: %s", got)
		}
		syd.Hear(nyc.All(), anybody)
		if got := text(syd); got != "syd 1h30m0s" {
			t.Errorf("once nyc has told: %s", got)
		}
		time.Sleep(time.Minute)
		nyc.Hear(syd.All(), anybody)
		syd.Hear([]Drain{{POP: "syd", Number: syd.All()[0].Number, Drained: true, For: 2 * time.Hour, Left: 2 * time.Hour, By: "laptop"}}, anybody)
		if got := text(syd); got != "syd 1h29m0s" {
			t.Errorf("it counts by itself from then on: %s", got)
		}
		setClock(t, path, 24*time.Hour)
		if got := text(open(t, path)); got != "syd 2h0m0s" {
			t.Errorf("with a clock a day back it holds longer than was asked for: %s", got)
		}
	})
}

// setClock moves the ends in the file, as another clock would see them.
func setClock(t *testing.T, path string, by time.Duration) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []kept
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	for i := range list {
		list[i].Ends = list[i].Ends.Add(by)
	}
	if text, err = json.Marshal(list); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDrainsSurviveARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "drains")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path)
		say(t, s, "syd", true, time.Hour)
		say(t, s, "fra", true, 0)
		say(t, s, "nyc", true, 0)
		say(t, s, "nyc", false, 0)
		time.Sleep(20 * time.Minute)
		s = open(t, path)
		if got := text(s); got != "fra 0s, syd 40m0s" {
			t.Error(got)
		}
		if d := s.All(); len(d) != 3 || d[1].POP != "nyc" || d[1].Drained {
			t.Errorf("that nyc was drained once is forgotten, and an older word would count: %v", d)
		}
		s.Forget(func(pop string) bool { return pop != "fra" })
		if got := text(s); got != "syd 40m0s" {
			t.Error(got)
		}
	})
}

func TestADamagedFileIsToldAndCostsNothingElse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "drains")
	for _, text := range []string{"[{", "{}", `[{"word":{"pop":"syd","n":1,"for":-1}}]`, `[{"word":{"pop":"syd"}}]`, `[{"word":{"pop":"syd","n":1,"for":9000000000000000000}}]`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		s := Open(path, slog.New(slog.NewTextHandler(&said, nil)))
		if got := s.All(); len(got) > 0 || !strings.Contains(said.String(), path+": ") {
			t.Errorf("%s: %v\n%s", text, got, &said)
		}
		if say(t, s, "syd", true, 0); len(open(t, path).All()) != 1 {
			t.Errorf("%s: nothing is kept after it", text)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(`[{"word":{"pop":"syd","n":1,"on":true,"for":3600,"by":"laptop"},"ends":"2026-11-28T22:20:00Z"}]`))
	path := filepath.Join(f.TempDir(), "drains")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, d := range open(t, path).All() {
			if d.Left < 0 || d.Left > d.For || d.For > Longest {
				t.Errorf("%q: %+v", text, d)
			}
		}
	})
}

func TestWordsThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	for name, d := range map[string]Drain{
		"no number":                {POP: "syd", Drained: true},
		"a number with none after": {POP: "syd", Number: 1<<64 - 1, Drained: true},
		"no such POP":              {POP: "lon", Number: 1, Drained: true},
		"more left than asked for": {POP: "syd", Number: 1, Drained: true, For: time.Hour, Left: 2 * time.Hour},
		"a time before now":        {POP: "syd", Number: 1, Drained: true, For: -time.Hour},
		"a thousand years":         {POP: "syd", Number: 1, Drained: true, For: 1<<63 - 1, Left: 1<<63 - 1},
		"said by a page of text":   {POP: "syd", Number: 1, Drained: true, By: strings.Repeat("x", 1000)},
		"said by a terminal":       {POP: "syd", Number: 1, Drained: true, By: "\x1b[2J"},
	} {
		s.Hear([]Drain{d}, func(pop string) bool { return pop == "syd" })
		if got := text(s); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, during := range []time.Duration{-time.Hour, time.Millisecond, 2 * Longest} {
		if _, err := s.Say("syd", true, during, "laptop"); err == nil {
			t.Errorf("for %v", during)
		}
	}
	s.path = filepath.Join(t.TempDir(), "no folder", "drains")
	if _, err := s.Say("syd", true, 0, "laptop"); err == nil || text(s) != "" {
		t.Errorf("it holds, and is written nowhere: %v, %v", text(s), err)
	}
}

func TestAWordIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, d := range []Drain{
		{POP: "syd", Number: 1764367200000, Drained: true, For: 2 * time.Hour, Left: time.Hour, By: "laptop"},
		{POP: "syd", Number: 1, By: "nyc"},
		{POP: "syd", Number: 1, Drained: true, For: Longest, Left: Longest},
	} {
		text, err := json.Marshal(d)
		var read Drain
		if err == nil {
			err = json.Unmarshal(text, &read)
		}
		if err != nil || read != d {
			t.Errorf("got %+v, want %+v: %s, %v", read, d, text, err)
		}
	}
	text, _ := json.Marshal(Drain{POP: "syd", Left: time.Millisecond})
	if !strings.Contains(string(text), `"left":1`) {
		t.Errorf("what has not run out is written as if it had: %s", text)
	}
}
