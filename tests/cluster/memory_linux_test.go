package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// BenchmarkIdle holds a POP of a cluster in which nothing happens against one that serves the same folder alone.
func BenchmarkIdle(b *testing.B) {
	w := newWorld(b, 100*time.Millisecond)
	if out, err := w.laptop("publish").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	alone, err := testkit.Launch(w.Command("home", testkit.Program(), "serve", "--config", filepath.Join(w.folder, "tinycdn.toml"), "--pop", "nyc"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { alone.Stop(syscall.SIGKILL) })
	if err := alone.Ready(); err != nil {
		b.Fatal(err)
	}
	const settle, span = 20 * time.Second, 60 * time.Second
	time.Sleep(settle)
	processes := map[string]int{"alone": alone.Cmd.Process.Pid}
	for _, name := range names {
		processes[name] = w.pops[name].Cmd.Process.Pid
	}
	before := map[string]time.Duration{}
	for name, pid := range processes {
		before[name] = busy(b, pid)
	}
	time.Sleep(span)
	for name, pid := range processes {
		b.ReportMetric(100*float64(busy(b, pid)-before[name])/float64(span), "%-cpu-"+name)
		b.ReportMetric(memory(b, pid, "VmRSS"), "MB-"+name)
	}
	b.ReportMetric(0, "ns/op")
}

// rss is what each POP has in memory, in MB.
func (w *world) rss(b *testing.B) map[string]float64 {
	all := map[string]float64{}
	for _, name := range names {
		all[name] = memory(b, w.pops[name].Cmd.Process.Pid, "VmRSS")
	}
	return all
}

// forgetPeaks has memory's peaks be those from now on (proc_pid_clear_refs(5)).
func (w *world) forgetPeaks(b *testing.B) {
	for _, name := range names {
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", w.pops[name].Cmd.Process.Pid), []byte("5"), 0); err != nil {
			b.Fatal(err)
		}
	}
}

// memory reports the most that a POP had more than before, and what is left of that after a while.
func (w *world) memory(b *testing.B, before map[string]float64) {
	b.Helper()
	time.Sleep(20 * time.Second)
	peak, left := 0.0, 0.0
	for _, name := range names {
		pid := w.pops[name].Cmd.Process.Pid
		peak, left = max(peak, memory(b, pid, "VmHWM")-before[name]), max(left, memory(b, pid, "VmRSS")-before[name])
	}
	b.ReportMetric(peak, "MB-peak")
	b.ReportMetric(left, "MB-left")
}

// memory reads a line of proc_pid_status(5), in MB.
func memory(b *testing.B, pid int, key string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	found := regexp.MustCompile(key + `:\s+(\d+) kB`).FindSubmatch(text)
	if found == nil {
		b.Fatalf("no %s in\n%s", key, text)
	}
	kb, _ := strconv.ParseFloat(string(found[1]), 64)
	return kb / 1000
}

// busy is how long a process has been at work: the first number of each thread's schedstat.
func busy(b *testing.B, pid int) (sum time.Duration) {
	b.Helper()
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		first, _, _ := strings.Cut(string(text), " ")
		n, _ := strconv.ParseInt(first, 10, 64)
		sum += time.Duration(n)
	}
	if sum == 0 {
		b.Fatalf("no schedstat of %d", pid)
	}
	return sum
}
