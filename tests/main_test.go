// Package tests holds the whole house to its promises from outside: stories run against the real binary with dig
// and browsers as the clients, and rules of the house such as who imports whom.
package tests

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// program is the path of the tinycdn under test, built once for all.
var program string

// tinycdn makes a command of the program under test.
func tinycdn(args ...string) *exec.Cmd {
	noteSources()
	return exec.Command(program, args...)
}

// noteSources looks at every file that the program is made of. go test notes what tests look at, and knows so that a
// result it has kept is out of date: of the program it would not know that these tests depend on it.
var noteSources = sync.OnceFunc(func() {
	for _, room := range append(slices.Concat(floors...), "go.mod") {
		filepath.WalkDir(filepath.Join("..", room), func(path string, _ fs.DirEntry, _ error) error {
			os.Stat(path)
			return nil
		})
	}
})

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "tinycdn-tests-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	os.Chmod(folder, 0o755) // some tests run it as another user
	program = filepath.Join(folder, "tinycdn")
	build := exec.Command("go", "build", "-o", program, "tinycdn/cmd/tinycdn")
	if raceDetector {
		build.Args = append(build.Args[:2:2], append([]string{"-race"}, build.Args[2:]...)...)
	} else {
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
	}
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	for _, tool := range []struct{ name, use, debian string }{
		{"dig", "ask with", "bind9-dnsutils"}, {"chromium", "look at pages with", "chromium"},
	} {
		if _, err := exec.LookPath(tool.name); err != nil {
			fmt.Fprintf(os.Stderr, "these tests %s %s, which is not here: make test installs it (Debian: %s)\n", tool.use, tool.name, tool.debian)
			return 1
		}
	}
	return m.Run()
}
