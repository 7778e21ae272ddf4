package system

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// UserIDs are the numbers of a user and his group; -1 for no name.
func UserIDs(name string) (uid, gid int, err error) {
	if name == "" {
		return -1, -1, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return -1, -1, fmt.Errorf("user %q: there is no such user (create it, or leave `user` out)", name)
	}
	uid, _ = strconv.Atoi(u.Uid)
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid, nil
}

// OwnerOf is the number of the user whose a file is; -1 where that is not known.
func OwnerOf(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}

// becomeUser gives up root for the user of that name, for all threads and for good; "": nobody else.
func becomeUser(name string) error {
	if name == "" {
		return nil
	}
	uid, gid, err := UserIDs(name)
	if err != nil {
		return err
	}
	if os.Geteuid() == uid {
		return nil
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("user %q: only root can become another user (start as root, or leave `user` out)", name)
	}
	// The groups first: without root they could not be given up any more.
	if err := syscall.Setgroups([]int{gid}); err != nil {
		return fmt.Errorf("user %q: give up root's groups: %w", name, err)
	}
	if err := syscall.Setgid(gid); err != nil {
		return fmt.Errorf("user %q: take its group: %w", name, err)
	}
	if err := syscall.Setuid(uid); err != nil {
		return fmt.Errorf("user %q: become it: %w", name, err)
	}
	if syscall.Setuid(0) == nil {
		return fmt.Errorf("user %q: root could be taken back", name)
	}
	return nil
}
