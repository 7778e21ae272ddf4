// Package testkit lends the tests of the real binary what they share: the binary itself, hosts that it runs on, and clients
// of every kind.
package testkit

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// program is where the tinycdn under test is, built once for all tests of a package.
var program string

// Main runs the tests of a package behind a build of the program. Without a tool that they need it says how to get it: a
// test that is left out tells nothing.
func Main(m *testing.M, tools ...Tool) int {
	for _, tool := range tools {
		if _, err := exec.LookPath(tool.name); err != nil {
			fmt.Fprintf(os.Stderr, "these tests %s %s, which is not here: make test installs it (Debian: %s)\n", tool.use, tool.name, tool.debian)
			return 1
		}
	}
	folder, err := os.MkdirTemp("", "tinycdn-tests-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	os.Chmod(folder, 0o755) // some tests run it as another user
	program = filepath.Join(folder, "tinycdn")
	build := exec.Command("go", "build", "-o", program, "tinycdn/cmd/tinycdn")
	if RaceDetector {
		build.Args = slices.Insert(build.Args, 2, "-race")
	} else {
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
	}
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// Tool is a program that some tests ask with.
type Tool struct{ name, use, debian string }

var (
	Dig      = Tool{"dig", "ask with", "bind9-dnsutils"}
	Curl     = Tool{"curl", "ask with", "curl"}
	Chromium = Tool{"chromium", "look at pages with", "chromium"}
	SSHD     = Tool{"sshd", "reach machines by", "openssh-server"}
	IP       = Tool{"ip", "make networks with", "iproute2"}
	Rsync    = Tool{"rsync", "copy with", "rsync"}
)

// Program is the path of the tinycdn under test.
func Program() string {
	noteSources()
	return program
}

// Command makes a command of the program under test.
func Command(args ...string) *exec.Cmd { return exec.Command(Program(), args...) }

// InRepository is the path of a file of the repository. Tests run in the folder of their package.
func InRepository(names ...string) string {
	return filepath.Join(append([]string{root()}, names...)...)
}

var root = sync.OnceValue(func() string {
	root := "."
	for range 10 {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return root
		}
		root = filepath.Join("..", root)
	}
	panic("testkit: there is no go.mod above the tests")
})

// noteSources looks at every file that the program is made of. go test notes what tests look at, and knows so that a
// result it has kept is out of date: of the program it would not know that these tests depend on it.
var noteSources = sync.OnceFunc(func() {
	filepath.WalkDir(root(), func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root(), path)
		if err == nil && entry.IsDir() && (name == "dist" || name == "tests" || name != "." && strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		os.Stat(path)
		return nil
	})
})
