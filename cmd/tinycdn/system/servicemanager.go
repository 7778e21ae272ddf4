// Package system is this machine: who started us, as whom we run, how many files and how much memory we may use, and what
// program this is.
package system

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// A ServiceManager tells the service manager how we are: systemd by sd_notify's protocol on $NOTIFY_SOCKET, dinit and s6 by a
// line on the file descriptor $READY_FD. Without either it tells nobody.
type ServiceManager struct {
	conn *net.UnixConn
	pipe *os.File
}

func NewServiceManager() (ServiceManager, error) {
	var n ServiceManager
	if fd, err := strconv.Atoi(os.Getenv("READY_FD")); err == nil {
		// A number that is no pipe is a leftover of somebody else's: the descriptor may be one of ours by now.
		var stat syscall.Stat_t
		if err := syscall.Fstat(fd, &stat); err != nil || stat.Mode&syscall.S_IFMT != syscall.S_IFIFO && stat.Mode&syscall.S_IFMT != syscall.S_IFSOCK {
			return n, fmt.Errorf("READY_FD=%d is not a pipe to a service manager (unset it)", fd)
		}
		n.pipe = os.NewFile(uintptr(fd), "READY_FD")
	}
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return n, nil
	}
	if strings.HasPrefix(path, "@") && runtime.GOOS == "linux" {
		path = "\x00" + path[1:] // Linux's abstract name space
	}
	// Connected while we may still see the socket: later we may be another user.
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return n, fmt.Errorf("notify the service manager: %w", err)
	}
	n.conn = conn
	return n, nil
}

// send sends lines of the protocol. What a service manager does not take, it need not know.
func (n ServiceManager) send(lines ...string) {
	if n.conn != nil {
		n.conn.Write([]byte(strings.Join(lines, "\n") + "\n"))
	}
}

func (n ServiceManager) Ready(status string) {
	n.send("READY=1", "STATUS="+status)
	if n.pipe != nil {
		n.pipe.WriteString("\n")
		n.pipe.Close() // it is told once; writing again fails, and does no harm
	}
}

// Status tells what is served now.
func (n ServiceManager) Status(status string) { n.send("STATUS=" + status) }

// Reloading must carry the time, so that systemd knows this reload's READY from an older one's (sd_notify(3)).
func (n ServiceManager) Reloading() {
	n.send("RELOADING=1", fmt.Sprintf("MONOTONIC_USEC=%d", monotonic().Microseconds()))
}

func (n ServiceManager) Stopping(status string) { n.send("STOPPING=1", "STATUS="+status) }
