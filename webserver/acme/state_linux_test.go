package acme

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
)

// A disk of its own, full or read-only, whoever runs the test.
func TestADiskThatIsFullOrReadOnly(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("tinycdn-test", disk, "tmpfs", 0, "size=16k"); err != nil {
		t.Skip("no disk can be mounted here:", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	filler := filepath.Join(disk, "filler")
	synctest.Test(t, func(t *testing.T) {
		p := newPaper(45 * day24)
		m := p.manager(t, filepath.Join(disk, "acme"), new(awaiting))
		m.Set(&Config{}, []Wanted{{"site", []string{"example.org"}}})
		try := func(want string, orders int) {
			t.Helper()
			m.Renew(nil)
			m.turn(t.Context())
			if why := m.List()[0].Why; !strings.HasSuffix(why, want) || strings.Contains(why, "\n") || p.orders != orders {
				t.Errorf("got %q, %d orders; want %q, %d", why, p.orders, want, orders)
			}
		}
		os.WriteFile(filler, make([]byte, 1<<20), 0o600) // as much as there is room for
		try(": no space left on device", 0)
		os.Remove(filler)
		if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
			t.Fatal(err)
		}
		try(": read-only file system", 0)
		if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, "size=64k"); err != nil {
			t.Fatal(err)
		}
		try("", 1)
	})
}
