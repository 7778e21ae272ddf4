package diag

import (
	"io/fs"
	"syscall"
)

// changeTime is when a file, or what is known of it, was changed last: of an edit that puts back size and time it tells too. Of a
// file with several names it tells nothing: another name, or one fewer, is a change too, and in the trees of a cluster's generations
// every file gets one with each of them.
func changeTime(info fs.FileInfo) (t syscall.Timespec) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink == 1 {
		t = stat.Ctim
	}
	return t
}
