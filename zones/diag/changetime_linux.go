package diag

import (
	"io/fs"
	"syscall"
)

// changeTime is when a file, or what is known of it, was changed last: of an edit that puts back size and time it tells too.
func changeTime(info fs.FileInfo) (t syscall.Timespec) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		t = stat.Ctim
	}
	return t
}
