package mmsg

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A waiter waits for a socket to have packets, by the runtime's poller: a call that blocks is dearer at all rates, since the scheduler
// takes the processor away from a call that lasts, and keeps a thread awake to look whether one does.
//
// But the poller is told of each packet of a socket that it knows, waited for or not, and a thread may wake to hear it. So it knows
// an epoll instance of the waiter's, and a socket that is busy is not in that until it has to be waited for.
type waiter struct {
	socket int
	epoll  int
	file   *os.File        // the epoll instance
	poller syscall.RawConn // of file
	known  bool            // the socket is in the epoll instance
}

// newWaiter makes one that waits for socket.
func newWaiter(socket int) (*waiter, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	unix.SetNonblock(fd, true) // whereby NewFile knows that it can be polled
	w := &waiter{socket: socket, epoll: fd, file: os.NewFile(uintptr(fd), "epoll")}
	if w.poller, err = w.file.SyscallConn(); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// wait calls receive until it reports true: now, and whenever there may be packets. It gives an error once wake was called.
func (w *waiter) wait(receive func(uintptr) bool) error {
	if !w.known {
		// The poller is told at once of what is there by now.
		if err := unix.EpollCtl(w.epoll, unix.EPOLL_CTL_ADD, w.socket, &unix.EpollEvent{Events: unix.EPOLLIN}); err != nil {
			return os.NewSyscallError("epoll_ctl", err)
		}
		w.known = true
	}
	return w.poller.Read(receive)
}

// forget has nobody told of packets, until they are waited for.
func (w *waiter) forget() {
	if w.known {
		w.known = unix.EpollCtl(w.epoll, unix.EPOLL_CTL_DEL, w.socket, nil) != nil
	}
}

// wake ends a wait, and all later ones.
func (w *waiter) wake() { w.file.SetReadDeadline(time.Unix(1, 0)) }

func (w *waiter) close() { w.file.Close() }
