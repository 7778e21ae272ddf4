package system

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// releaseProgram gives back the pages of the program itself. The kernel maps sixteen of them for each that is read, so a start, which runs
// through all that is ever made ready, leaves most of the binary resident. What is needed after it comes back from the page cache, some
// microseconds for 64 KB.
func releaseProgram() {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer maps.Close()
	for _, r := range untouched(maps, exe) {
		// No such pages differ from the file, so none is lost; where the kernel does not want to, all stays as it is.
		syscall.Syscall(syscall.SYS_MADVISE, r.from, r.to-r.from, syscall.MADV_DONTNEED)
	}
}

// memoryRange is from one address to before another.
type memoryRange struct{ from, to uintptr }

// untouched are the ranges of a process (proc_pid_smaps(5)) that hold a file just as it is: nobody may write there, and no page was made
// anew, as relocations and debuggers do.
func untouched(smaps io.Reader, path string) (list []memoryRange) {
	var at memoryRange
	lines := bufio.NewScanner(smaps)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 3 && fields[0] == "Anonymous:" && fields[1] == "0" && at.to > 0 {
			list = append(list, at)
		}
		if len(fields) < 5 || strings.HasSuffix(fields[0], ":") { // not the head of a range
			continue
		}
		at = memoryRange{}
		if len(fields) > 5 && strings.Join(fields[5:], " ") == path && !strings.Contains(fields[1], "w") {
			from, to, _ := strings.Cut(fields[0], "-")
			first, err := strconv.ParseUint(from, 16, 64)
			end, err2 := strconv.ParseUint(to, 16, 64)
			if err == nil && err2 == nil {
				at = memoryRange{uintptr(first), uintptr(end)}
			}
		}
	}
	return list
}
