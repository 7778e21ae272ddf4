package visits

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestDayEndsAtMidnightAndItsSaltIsForgotten(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) { // it begins at midnight, 2000-01-01
		c := counter(t, folder, "fra")
		ctx, end := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.Run(ctx)
		}()
		c.Add(opened("192.0.2.1", "/"))
		time.Sleep(13 * time.Hour)
		salt := string(c.Salts())
		if !strings.Contains(salt, "2000-01-01") || !strings.Contains(salt, "2000-01-02") {
			t.Errorf("after noon there are the salts %s", salt)
		}
		time.Sleep(11*time.Hour + 2*time.Second)
		c.Add(opened("192.0.2.1", "/"))
		c.Add(opened("192.0.2.1", "/"))
		time.Sleep(2 * time.Minute)
		kept, err := os.ReadFile(filepath.Join(folder, saltsName))
		if err != nil || strings.Contains(string(kept), "2000-01-01") || !strings.Contains(string(kept), "2000-01-02") {
			t.Errorf("on the second day the salts on the disk are %s (%v)", kept, err)
		}
		if info, err := os.Stat(filepath.Join(folder, saltsName)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the salts' file: %v, %v", info, err)
		}
		end()
		<-done
		var rows []Row
		c.Report(2, 10, func(r Row) error {
			if r.By == ByAll {
				rows = append(rows, r)
			}
			return nil
		})
		want := []Row{{"2000-01-01", "www.example.org", ByAll, "", 1, 1}, {"2000-01-02", "www.example.org", ByAll, "", 2, 1}}
		if !slices.Equal(rows, want) {
			t.Errorf("got %v\nwant %v", rows, want)
		}
		again := counter(t, folder, "fra") // as after a restart
		again.Add(opened("192.0.2.1", "/"))
		again.count(time.Now())
		if got := report(t, again)["all"]; got != [2]uint64{3, 1} {
			t.Errorf("after a restart: %v", got)
		}
	})
}

func TestOfTwoSaltsTheOlderIsKeptByBoth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fra := counter(t, t.TempDir(), "fra")
		time.Sleep(time.Minute)
		syd := counter(t, t.TempDir(), "syd")
		first := fra.Salts()
		exchange(t, fra, syd)
		exchange(t, syd, fra)
		if a, b := string(fra.Salts()), string(syd.Salts()); a != string(first) || b != a {
			t.Errorf("fra has %s, syd %s, want %s", a, b, first)
		}
		syd.Set(Config{Days: 400})
		if syd.Salts() != nil || syd.folder.path(saltsName) != "" && exists(syd.folder.path(saltsName)) {
			t.Error("a POP that counts no visitors still has a salt")
		}
	})
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
