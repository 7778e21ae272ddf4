// Package state is the folder in which a POP keeps what outlives it: its files as they were when they were last right.
package state

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// usual is where the state is if nobody says. systemd makes it by StateDirectory=.
const usual = "/var/lib/tinycdn"

// Folder is a POP's state folder. The zero value is none.
type Folder struct {
	Path  string
	Named bool // by somebody; else it is the usual one
}

// At is the state folder: the one of the flag, else of $TINYCDN_STATE, else the usual one.
func At(flag string) Folder {
	path := cmp.Or(flag, os.Getenv("TINYCDN_STATE"))
	return Folder{cmp.Or(path, usual), path != ""}
}

// last is the folder in it for what was last right.
const last = "last"

// ACME is the folder in it for the certificates that were ordered.
const ACME = "acme"

// Stats is the folder in it for what was counted of visitors.
const Stats = "stats"

// Make makes the folder, as far as it is not there. What root makes, or has made in it before, belongs to the user of these numbers;
// -1: to root.
func (f Folder) Make(uid, gid int) error {
	_, err := os.Stat(f.Path)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(f.Path, 0o750); err != nil {
		return plain(err)
	}
	below := filepath.Join(f.Path, last)
	if err := os.Mkdir(below, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return plain(err)
	}
	if os.Geteuid() != 0 || uid <= 0 {
		return nil
	}
	if isNew {
		if err := os.Lchown(f.Path, uid, gid); err != nil {
			return plain(err)
		}
	}
	err = give(below, uid, gid)
	for _, name := range []string{ACME, Stats} {
		path := filepath.Join(f.Path, name)
		if _, missing := os.Lstat(path); missing == nil && err == nil {
			err = give(path, uid, gid)
		}
	}
	return err
}

// give gives what is root's, from starts without a user, to the user.
func give(folder string, uid, gid int) error {
	if info, err := os.Lstat(folder); err != nil || owner(info) != 0 || !info.IsDir() {
		return plain(err)
	}
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, uid, gid))
	})
	return plain(err)
}

// owner is the number of a file's owner.
func owner(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}

// plain is an error without the name of a system call.
func plain(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return fmt.Errorf("%s: %w", at.Path, at.Err)
	}
	return err
}

// reason is an error without the name of the file, and of the system call.
func reason(err error) error {
	var link *os.LinkError
	if errors.As(err, &link) {
		err = link.Err
	}
	for at := (*fs.PathError)(nil); errors.As(err, &at); {
		err = at.Err
	}
	return err
}

// HasCopy says whether there is a copy of the configuration at a path.
func (f Folder) HasCopy(config string) bool { return f.Copies(config).Size(config) > 0 }

// oneName makes a path one name, and no two paths the same.
var oneName = strings.NewReplacer("/", "-", "-", "%2D", "%", "%25")

// Copies are those of what the configuration at a path names: POPs with different ones may share the folder. They are nil if there
// is no folder.
func (f Folder) Copies(config string) *Copies {
	if f.Path == "" {
		return nil
	}
	path, err := filepath.Abs(config)
	if err != nil {
		path = config
	}
	name := oneName.Replace(strings.TrimPrefix(path, "/"))
	return &Copies{Folder: filepath.Join(f.Path, last, name), state: f.Path}
}
