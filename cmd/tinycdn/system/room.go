package system

import (
	"bytes"
	"io/fs"
	"math"
	"os"
	"path"
	"strings"
)

// RoomForAnother says whether this machine has the memory for a second process like this one, and how many bytes each of them takes
// and there are left. What cannot be found out speaks for it.
func RoomForAnother() (takes, left int64, is bool) {
	takes, left = memoryTaken(os.DirFS("/")), memoryLeft(os.DirFS("/"))
	return takes, left, left >= takes
}

// memoryTaken is what this process has to itself, which programs that run twice do not share; 0: unknown.
func memoryTaken(root fs.FS) int64 { return lineOf(root, "proc/self/status", "RssAnon:") << 10 }

// memoryLeft is how many bytes the machine has left for programs, or the control group of this process, or one around it.
func memoryLeft(root fs.FS) int64 {
	left := int64(math.MaxInt64)
	if available := lineOf(root, "proc/meminfo", "MemAvailable:"); available > 0 {
		left = available << 10
	}
	groups, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines("0::/\n" + string(groups)) {
		name, ours := strings.CutPrefix(strings.TrimSpace(line), "0::")
		if !ours || !path.IsAbs(name) {
			continue
		}
		for group := path.Clean(name); ; group = path.Dir(group) {
			folder := path.Join("sys/fs/cgroup", group)
			most, _ := fs.ReadFile(root, path.Join(folder, "memory.max"))
			taken, err := fs.ReadFile(root, path.Join(folder, "memory.current"))
			if limit := number(most); limit > 0 && err == nil {
				// What is kept of files that nobody uses gives way.
				left = min(left, limit-number(taken)+lineOf(root, path.Join(folder, "memory.stat"), "inactive_file"))
			}
			if group == "/" {
				break
			}
		}
	}
	return left
}

// lineOf is the number behind a word at the beginning of a line of a file; 0: there is none.
func lineOf(root fs.FS, file, word string) int64 {
	text, _ := fs.ReadFile(root, file)
	for line := range bytes.Lines(text) {
		if fields := bytes.Fields(line); len(fields) > 1 && string(fields[0]) == word {
			return number(fields[1])
		}
	}
	return 0
}
