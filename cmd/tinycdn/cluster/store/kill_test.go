package store

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// killedIn names the folder in which a child process of this test works until it is killed.
const killedIn = "TINYCDN_TEST_STORE"

// TestMain is also what the child runs: one generation after another, and the oldest away.
func TestMain(m *testing.M) {
	dir := os.Getenv(killedIn)
	if dir == "" {
		os.Exit(m.Run())
	}
	t := &testing.T{}
	s, err := Open(dir)
	if err != nil {
		panic(err)
	}
	last, before := &manifest.Signed{}, &manifest.Signed{}
	for i := 0; ; i++ {
		files := map[string]string{"same": "same"}
		for k := range 20 {
			files[fmt.Sprintf("d%d/%d", k%3, k)] = fmt.Sprint(k, i%(k+1))
		}
		fmt.Println(last.ID)
		m := serve(t, s, last, files)
		if before.ID.Number > 0 {
			if err := s.Remove(before); err != nil {
				panic(err)
			}
		}
		before, last = last, m
	}
}

// TestKilledAtAnyMoment kills a process at many moments of its work: each time the old or the new is served, as a whole, and every tree
// that has its name is whole.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	for round := range 12 {
		dir := t.TempDir()
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), killedIn+"="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 3 + round%4 {
			lines.Scan()
		}
		for range round * 800 { // some work, so that it is another moment each time
			os.Lstat(dir)
		}
		child.Process.Kill()
		child.Wait()
		afterKill(t, dir)
	}
}

func afterKill(t *testing.T, dir string) {
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.All()
	if err != nil {
		t.Fatal(err)
	}
	served := false
	for _, k := range all {
		if _, err := os.Lstat(s.Tree(k.ID)); err != nil {
			continue
		}
		served = served || s.isCurrent(k.ID)
		if err := whole(s, k.Signed); err != nil {
			t.Errorf("generation %d is not whole: %v", k.ID.Number, err)
		}
	}
	trees, _ := filepath.Glob(filepath.Join(dir, "generations", "*"))
	if !served {
		t.Errorf("what is served is gone: of %d, %v", len(all), trees)
	}
	last := all[min(1, len(all)-1)]
	if _, err := s.Build(last.Signed); err != nil && len(s.Missing(&last.Manifest)) == 0 {
		t.Errorf("generation %d cannot be made any more: %v", last.ID.Number, err)
	}
}
