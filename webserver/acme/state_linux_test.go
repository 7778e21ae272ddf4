package acme

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"tinycdn/geoip/plainfile/plainfiletest"
)

// A disk of its own, full or read-only, whoever runs the test.
func TestADiskThatIsFullOrReadOnly(t *testing.T) {
	t.Parallel()
	if !plainfiletest.MayMount(t) {
		return
	}
	disk := plainfiletest.Disk(t, "16k")
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

// A key that belongs to another user is told in a line with what to do, and another certificate is ordered in its place; in a folder of
// another user's nothing is, since each start would order it again.
func TestAKeyOfAnotherUserIsToldAndReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPaper(45 * day24)
		folder, start := stateful(t, p)
		for dir := folder; dir != filepath.Dir(os.TempDir()) && len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
			os.Chmod(dir, 0o755)
		}
		key, at := filepath.Join(folder, theirs, "site.key"), filepath.Join(folder, theirs)
		if os.Geteuid() != 0 { // it cannot be given to anybody
			os.Chmod(key, 0)
		}
		asAnother(t, []string{at, at + "/account.json", at + "/site.json", at + "/site.pem"}, func() {
			_, wrong := inFolder(folder).read()
			want := key + ": permission denied (give the folder to the user that tinycdn runs as: chown -R) (another one is ordered)"
			if len(wrong) == 0 || wrong[0].Error() != want {
				t.Errorf("got %v, want %s", wrong, want)
			}
			m := start()
			m.turn(t.Context())
			if len(m.Pairs()) != 1 || p.orders != 2 {
				t.Errorf("%d certificates, %d orders", len(m.Pairs()), p.orders)
			}
			os.Chmod(filepath.Join(at, "site.key"), 0)
			os.Chmod(at, 0o555)
			defer os.Chmod(at, 0o755)
			m = start()
			m.turn(t.Context())
			if why := m.List()[0].Why; p.orders != 2 || !strings.Contains(why, "permission denied (give the folder to the user that tinycdn runs as: chown -R)") {
				t.Errorf("%d orders, %q", p.orders, why)
			}
		})
	})
}

// asAnother does something as a user whom some paths belong to, and whom rights hold back, as they do not root: on this thread alone.
func asAnother(t *testing.T, paths []string, do func()) {
	if os.Geteuid() != 0 {
		do()
		return
	}
	const nobody = 65534
	for _, path := range paths {
		if err := os.Chown(path, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0); errno != 0 {
		t.Fatal(errno)
	}
	defer syscall.RawSyscall(syscall.SYS_SETFSUID, 0, 0, 0)
	do()
}
