package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// A notifier tells the service manager how we are, by sd_notify's protocol. Without $NOTIFY_SOCKET it tells nobody.
type notifier struct{ conn *net.UnixConn }

func newNotifier() (notifier, error) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return notifier{}, nil
	}
	if strings.HasPrefix(path, "@") && runtime.GOOS == "linux" {
		path = "\x00" + path[1:] // Linux's abstract name space
	}
	// Connected while we may still see the socket: later we may be another user.
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return notifier{}, fmt.Errorf("notify the service manager: %w", err)
	}
	return notifier{conn}, nil
}

// send sends lines of the protocol. What a service manager does not take, it need not know.
func (n notifier) send(lines ...string) {
	if n.conn != nil {
		n.conn.Write([]byte(strings.Join(lines, "\n") + "\n"))
	}
}

func (n notifier) ready(status string) { n.send("READY=1", "STATUS="+status) }

// reloading must carry the time, so that systemd knows this reload's READY from an older one's (sd_notify(3)).
func (n notifier) reloading() {
	var now unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	n.send("RELOADING=1", fmt.Sprintf("MONOTONIC_USEC=%d", now.Nano()/1000))
}

func (n notifier) stopping() { n.send("STOPPING=1") }
