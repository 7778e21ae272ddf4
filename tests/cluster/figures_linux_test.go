package cluster

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// The figures beside these commands are in cmd/tinycdn/README.md:
//
//	go test -run '^$' -bench WAN -benchtime 1x -timeout 30m ./tests/cluster
//	go test -run '^$' -bench Idle -benchtime 1x ./tests/cluster

// uplink is that of somebody at home, in Mbit/s. The rest of the time, files are brought to the POPs faster than that.
const uplink, fast = 20, 400

// BenchmarkWAN publishes a site of 6,000 files and 300 MB to three POPs, 200 ms apart.
func BenchmarkWAN(b *testing.B) {
	w := newWorld(b, 100*time.Millisecond)
	w.files(b, "public/old", 6000, 50_000)
	b.Run("First300MB", func(b *testing.B) {
		before := w.rss(b)
		w.forgetPeaks(b)
		w.timed(b, "publish")
		w.memory(b, before)
	})
	w.Rate("home", fast)
	if out, err := w.laptop("publish").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	w.Rate("home", uplink)
	b.Run("OneFileOf6000", func(b *testing.B) {
		before := w.rss(b)
		w.forgetPeaks(b)
		for i := 0; b.Loop(); i++ {
			w.file(b, "public/old/17.bin", 50_000)
			w.timed(b, "publish")
		}
		w.memory(b, before)
	})
	b.Run("OnePageOf6000", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			w.write(b, "public/index.html", strings.Repeat("<p>A page of text.</p>\n", 300+i))
			w.timed(b, "publish")
		}
	})
	b.Run("New2000FilesOf6MB", func(b *testing.B) {
		w.files(b, "public/new", 2000, 3000)
		w.timed(b, "publish")
	})
	b.Run("Rollback", func(b *testing.B) {
		for b.Loop() {
			w.timed(b, "rollback", "--yes")
		}
	})
	b.Run("Purge", func(b *testing.B) {
		for b.Loop() {
			w.purge(b)
		}
	})
	b.Run("RsyncOneFileOf6000", func(b *testing.B) { w.rsync(b) })
}

// file writes one that cannot be packed.
func (w *world) file(b *testing.B, name string, size int) {
	b.Helper()
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	w.write(b, name, string(data))
}

// files writes some.
func (w *world) files(b *testing.B, folder string, n, size int) {
	b.Helper()
	for i := range n {
		w.file(b, fmt.Sprintf("%s/%d.bin", folder, i), size)
	}
}

// timed runs a command that has to be done at all POPs, and shows what it says of its steps.
func (w *world) timed(b *testing.B, args ...string) {
	b.Helper()
	worked := busy(b, w.pops["fra"].Cmd.Process.Pid)
	begin := time.Now()
	out, err := w.laptop(args...).CombinedOutput()
	b.ReportMetric(time.Since(begin).Seconds(), "s")
	b.ReportMetric((busy(b, w.pops["fra"].Cmd.Process.Pid) - worked).Seconds(), "cpu-s")
	if err != nil || !strings.Contains(string(out), "at fra, nyc, syd") {
		b.Fatalf("%v: %v\n%s", args, err, out)
	}
	b.Logf("%.2f s: %v\n%s", time.Since(begin).Seconds(), args, out)
}

// purge has everything of the site forgotten, by the socket of a POP.
func (w *world) purge(b *testing.B) {
	b.Helper()
	cmd := w.Command("nyc", testkit.Program(), "purge", "http://www.example.org/*")
	cmd.Env, cmd.Dir = w.pops["nyc"].Cmd.Env, "/" // where its socket is
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	b.ReportMetric(float64(time.Since(begin).Milliseconds()), "ms")
	if err != nil || !regexp.MustCompile(`fra \d+, nyc \d+, syd \d+ forgotten`).Match(out) {
		b.Fatalf("%v\n%s", err, out)
	}
}

// rsync copies the folder to three machines at a time, over ssh, as before there were clusters.
func (w *world) rsync(b *testing.B) {
	dir := b.TempDir()
	must := func(argv ...string) {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			b.Fatalf("%v: %v\n%s", argv, err, out)
		}
	}
	must("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, "key"))
	os.MkdirAll("/run/sshd", 0o755)
	sshd, _ := exec.LookPath("sshd")
	for _, name := range names {
		must("cp", "-a", w.folder, filepath.Join(dir, name))
		server := w.Command(name, sshd, "-D", "-f", "/dev/null", "-h", filepath.Join(dir, "key"), "-o", "AuthorizedKeysFile="+filepath.Join(dir, "key.pub"),
			"-o", "StrictModes=no", "-o", "UsePAM=no", "-o", "PidFile=none", "-o", "PermitRootLogin=yes")
		if err := server.Start(); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { server.Process.Kill(); server.Wait() })
	}
	ssh := "ssh -i " + filepath.Join(dir, "key") + " -o BatchMode=yes -o LogLevel=ERROR -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
	for b.Loop() {
		w.file(b, "public/old/18.bin", 50_000)
		begin := time.Now()
		var work sync.WaitGroup
		for _, name := range names {
			work.Go(func() {
				cmd := w.Command("home", "rsync", "-rt", "--delete", "-e", ssh, w.folder+"/", "root@"+w.Address(name)+":"+filepath.Join(dir, name)+"/")
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Errorf("rsync to %s: %v\n%s", name, err, out)
				}
			})
		}
		work.Wait()
		b.ReportMetric(time.Since(begin).Seconds(), "s")
	}
}
