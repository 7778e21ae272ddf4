package watch

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"tinycdn/zones/diag"
)

// poll is how often to look even if no change was reported: some file systems report none.
const poll = 30 * time.Second

// notifier is the kernel's inotify(7). It tells when somebody who wrote a file closes it.
type notifier struct {
	file   *os.File
	buffer [1 << 16]byte
}

func newNotifier() (*notifier, error) {
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC | syscall.IN_NONBLOCK)
	if err != nil {
		return nil, err
	}
	return &notifier{file: os.NewFile(uintptr(fd), "inotify")}, nil
}

func (n *notifier) close() { n.file.Close() }

const watched = syscall.IN_ONLYDIR | syscall.IN_MODIFY | syscall.IN_CLOSE_WRITE | syscall.IN_CREATE | syscall.IN_DELETE |
	syscall.IN_MOVED_FROM | syscall.IN_MOVED_TO | syscall.IN_ATTRIB | syscall.IN_DELETE_SELF | syscall.IN_MOVE_SELF

// add watches a folder. One that is watched already has the same watch again.
func (n *notifier) add(dir string) (watch int32, err error) {
	n.control(func(fd int) {
		var added int
		added, err = syscall.InotifyAddWatch(fd, dir, watched)
		watch = int32(added)
	}, &err)
	return watch, err
}

// remove ends a watch, if it has not ended with its folder.
func (n *notifier) remove(watch int32) {
	var err error
	n.control(func(fd int) { syscall.InotifyRmWatch(fd, uint32(watch)) }, &err)
}

func (n *notifier) control(do func(fd int), err *error) {
	conn, failure := n.file.SyscallConn()
	if failure == nil {
		failure = conn.Control(func(fd uintptr) { do(int(fd)) })
	}
	if failure != nil {
		*err = failure
	}
}

// read waits for events.
func (n *notifier) read() (events []event, err error) {
	size, err := n.file.Read(n.buffer[:])
	for rest := n.buffer[:max(0, size)]; len(rest) >= syscall.SizeofInotifyEvent; {
		mask, length := binary.NativeEndian.Uint32(rest[4:]), binary.NativeEndian.Uint32(rest[12:])
		end := syscall.SizeofInotifyEvent + int(length)
		events = append(events, event{
			watch: int32(binary.NativeEndian.Uint32(rest)), kind: kindOf(mask), folder: mask&syscall.IN_ISDIR != 0,
			name: strings.TrimRight(string(rest[syscall.SizeofInotifyEvent:end]), "\x00"),
		})
		rest = rest[end:]
	}
	return events, err
}

func kindOf(mask uint32) kind {
	for _, k := range []struct {
		mask uint32
		kind kind
	}{
		{syscall.IN_Q_OVERFLOW, missed}, {syscall.IN_CLOSE_WRITE, closed}, {syscall.IN_MODIFY, written}, {syscall.IN_CREATE, created},
		{syscall.IN_MOVED_TO, arrived}, {syscall.IN_MOVED_FROM | syscall.IN_DELETE, left}, {syscall.IN_ATTRIB, marked},
	} {
		if mask&k.mask != 0 {
			return k.kind
		}
	}
	return gone
}

// isFull says whether there is no room for another watch.
func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }

// reason says why something cannot be watched.
func reason(err error) string {
	switch {
	case isFull(err):
		return "fs.inotify.max_user_watches is reached (raise it with sysctl)"
	case errors.Is(err, syscall.EMFILE):
		return "fs.inotify.max_user_instances is reached, or the limit on open files (raise it with sysctl)"
	}
	return diag.Reason(err)
}

// hasOtherNames says whether a file has more than one name (ln): then it was not begun just now.
func hasOtherNames(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink > 1
}
