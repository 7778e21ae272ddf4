package manifest

import (
	"io/fs"
	"syscall"
)

// knownOf is a file but for its hash.
func knownOf(info fs.FileInfo) Known {
	k := Known{Size: info.Size(), Written: info.ModTime().UnixNano()}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		k.Inode, k.Changed = stat.Ino, stat.Ctim.Nano()
	}
	return k
}
