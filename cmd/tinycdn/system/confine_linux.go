package system

import (
	"debug/elf"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// What is denied: changing anything of the file system, and running programs but our own. Reading is not, beyond what files allow: a
// configuration may name others tomorrow, and deploys switch links to anywhere.
const (
	write  = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	denied = write | unix.LANDLOCK_ACCESS_FS_EXECUTE |
		unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE |
		unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK |
		unix.LANDLOCK_ACCESS_FS_MAKE_SYM | unix.LANDLOCK_ACCESS_FS_REFER
)

// confine has the kernel hold us to that (Landlock), if it knows how to.
func confine(folders Folders) {
	rules := []landlock.Rule{landlock.PathAccess(write, os.DevNull).IgnoreIfMissing()}
	for _, folder := range folders.Write {
		rules = append(rules, landlock.PathAccess(write|unix.LANDLOCK_ACCESS_FS_MAKE_REG, existing(folder)))
	}
	for _, folder := range folders.Remove {
		rules = append(rules, landlock.PathAccess(unix.LANDLOCK_ACCESS_FS_REMOVE_FILE, folder).IgnoreIfMissing())
	}
	for _, folder := range folders.Own {
		rules = append(rules, landlock.PathAccess(denied&^unix.LANDLOCK_ACCESS_FS_EXECUTE, folder))
	}
	for _, path := range programs() {
		rules = append(rules, landlock.PathAccess(unix.LANDLOCK_ACCESS_FS_EXECUTE, path).IgnoreIfMissing())
	}
	landlock.Config{HandledAccessFS: denied}.BestEffort().RestrictPaths(rules...)
}

// programs are what a restart runs: what lies in the folder of this program, since a new one is another file; and, for a program
// that was not built as the packages are, what loads its libraries.
func programs() []string {
	path, err := Program()
	if err != nil {
		return nil
	}
	list := []string{filepath.Dir(path)}
	if target, err := filepath.EvalSymlinks(path); err == nil && target != path {
		list = append(list, filepath.Dir(target))
	}
	program, err := elf.Open(path)
	if err != nil {
		return list
	}
	defer program.Close()
	for _, part := range program.Progs {
		if part.Type != elf.PT_INTERP {
			continue
		}
		if loader, err := io.ReadAll(part.Open()); err == nil {
			list = append(list, strings.TrimRight(string(loader), "\x00"))
		}
	}
	return list
}

// existing is a folder, or the nearest above it that there is.
func existing(folder string) string {
	for {
		if info, err := os.Stat(folder); err == nil && info.IsDir() || folder == filepath.Dir(folder) {
			return folder
		}
		folder = filepath.Dir(folder)
	}
}
