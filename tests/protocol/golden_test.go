package protocol

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

// Golden files hold, byte for byte, what whoever asks gets, so that work inside the house changes nothing outside
// unseen. Where a change is meant, this writes them anew, and the diff shows what it does to clients:
//
//	go test ./tests/protocol -run Golden -update
var update = flag.Bool("update", false, "write the files in testdata/golden anew")

// goldenFile is the path of a file of golden tests, both of what is asked and of what is answered.
func goldenFile(name string) string { return testkit.InRepository("tests", "testdata", "golden", name) }

// readGolden reads a file that says what is asked.
func readGolden(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(goldenFile(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wantGolden compares text with a golden file, and shows the first lines that differ, each with its heading: the line
// before it that is not indented.
func wantGolden(t *testing.T, name, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(goldenFile(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, want := strings.Split(text, "\n"), strings.Split(readGolden(t, name), "\n")
	heading, differ := "", 0
	for i := range max(len(got), len(want)) {
		g, w := "(no line)", "(no line)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if w != "" && w[0] != ' ' {
			heading = w
		}
		if g == w {
			continue
		}
		t.Errorf("%s:%d: %s\n got %s\nwant %s", goldenFile(name), i+1, heading, g, w)
		if differ++; differ == 10 || i >= len(got) || i >= len(want) || heading == w {
			return // what follows is likely to be the same, moved by some lines
		}
	}
}

// hashed stands for bytes that are too many to be read: the beginning of their SHA-256.
func hashed(b []byte) string {
	sum := sha256.Sum256(b)
	return fmt.Sprintf("#%x", sum[:6])
}
