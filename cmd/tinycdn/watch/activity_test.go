package watch

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"tinycdn/zones/diag"
)

// TestWhenAFileIsCalm tells stories of a file: what is reported of it at which time, in milliseconds ("edit" is a change
// that nothing reports), and when it is asked for, and what the answer must be, for 300 ms of rest.
func TestWhenAFileIsCalm(t *testing.T) {
	t.Parallel()
	kinds := map[string]kind{"written": written, "closed": closed, "created": created, "arrived": arrived, "left": left, "marked": marked}
	for _, story := range []string{
		// Without a report: size and time must stand still.
		"0 busy, 200 busy, 300 calm",
		"0 busy, 100 edit, 300 busy, 350 edit, 600 busy, 900 calm",
		// Somebody writes it, and closes it at last, or is silent for ten seconds.
		"0 closed, 200 busy, 300 calm",
		"0 created, 1000 busy, 9000 written, 18000 busy, 19001 calm",
		"0 written, 500 written, 1000 busy, 5000 closed, 5200 busy, 5300 calm",
		"0 written, 100 closed, 150 marked, 420 busy, 450 calm",
		// It is put in place, or taken away.
		"0 written, 100 arrived, 399 busy, 400 calm",
		"0 written, 100 left, 100 busy, 400 calm",
		// It was calm, and then changed without a report.
		"0 closed, 300 calm, 400 edit, 500 busy, 800 calm",
		// rsync writes the next one beside it.
		"0 closed, 100 .a.zone.Xy12Zq written, 900 busy, 1000 .a.zone.Xy12Zq left, 1000 calm",
		"0 closed, 100 .b.zone.Xy12Zq written, 900 calm",
	} {
		dir, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		link, text := filepath.Join(dir, "link"), "x"
		write := func() {
			text += "x"
			if err := os.WriteFile(filepath.Join(dir, "a.zone"), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write()
		if err := os.Symlink("a.zone", link); err != nil {
			t.Fatal(err)
		}
		var a Activity
		begin := time.Now()
		for step := range strings.SplitSeq(story, ", ") {
			words := strings.Fields(step)
			ms, _ := strconv.Atoi(words[0])
			now, name, what := begin.Add(time.Duration(ms)*time.Millisecond), "a.zone", words[len(words)-1]
			if len(words) == 3 {
				name = words[1]
			}
			switch what {
			case "edit":
				write()
			case "busy", "calm":
				if got := a.Calm(diag.Stat([]string{link}), now, 300*time.Millisecond); got != (what == "calm") {
					t.Errorf("%s: at %d: calm is %v", story, ms, got)
				}
			default:
				a.note(filepath.Join(dir, name), kinds[what], now)
			}
		}
	}
}

func TestWhatHappenedLongAgoIsForgotten(t *testing.T) {
	t.Parallel()
	var a Activity
	now := time.Now()
	for i := range 1000 {
		path := "/none/" + strconv.Itoa(i)
		a.note(path, closed, now)
		a.Calm(diag.Files{path: nil}, now, 0)
	}
	a.Calm(diag.Files{"/none/x": nil}, now.Add(2*forgotten), 0)
	if len(a.reports) != 0 || len(a.seen) != 1 {
		t.Errorf("still known: %d reports, %d sightings", len(a.reports), len(a.seen))
	}
}

// A copy of thousands of files must not make the look at each of them cost thousands of steps: what is of no use is looked for
// now and then, not at each look. BenchmarkCalm has the figures.
func TestWhatIsOfNoUseIsLookedForNowAndThen(t *testing.T) {
	t.Parallel()
	var a Activity
	now, file := time.Now(), diag.Files{"/none/x": nil}
	a.Calm(file, now, 0)
	for after, again := range map[time.Duration]bool{time.Second: false, forgotten/4 - 1: false, forgotten / 4: true} {
		b := Activity{swept: a.swept}
		if b.Calm(file, now.Add(after), 0); b.swept.After(now) != again {
			t.Errorf("after %v it is looked for: %v, want %v", after, !again, again)
		}
	}
}

func BenchmarkCalm(b *testing.B) {
	for _, reports := range []int{0, 20_000} {
		b.Run(strconv.Itoa(reports)+" reports", func(b *testing.B) {
			var a Activity
			now := time.Now()
			for i := range reports {
				a.note("/none/."+strconv.Itoa(i)+".Xy12Zq", written, now)
			}
			for b.Loop() {
				a.Calm(diag.Files{"/none/x": nil}, now, 0)
			}
		})
	}
}
