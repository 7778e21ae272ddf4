package inet

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// Control prepares a socket before it is bound, as that of net.ListenConfig.
type Control = func(network, address string, socket syscall.RawConn) error

// ListenTCP opens a listener as c says. Where the system allows it, the address need not be there: one that comes late or
// wanders from machine to machine is away now, and answered on once it is here.
func ListenTCP(c net.ListenConfig, network, address string) (l *net.TCPListener, away bool, err error) {
	bound, err := c.Listen(context.Background(), network, address)
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		prepare := c.Control
		c.Control = func(network, address string, socket syscall.RawConn) error {
			AllowAway(network, address, socket)
			if prepare == nil {
				return nil
			}
			return prepare(network, address, socket)
		}
		bound, err = c.Listen(context.Background(), network, address)
		away = err == nil
	}
	if err != nil {
		return nil, false, err
	}
	return bound.(*net.TCPListener), away, nil
}

// AllowAway is a Control that lets a socket be bound to an address that is not there. Where that cannot be, binding says so.
func AllowAway(network, _ string, socket syscall.RawConn) error {
	return socket.Control(func(fd uintptr) { allowAway(int(fd), network[len(network)-1] == '6') })
}

// Unbound are the addresses that could not be bound when a server began. It tries them again.
type Unbound struct {
	mu    sync.Mutex
	tries []func() error
	none  chan struct{}
}

// retry is how soon an address that is taken is tried again, and mostRetry how seldom at last.
const (
	retry     = time.Second
	mostRetry = 30 * time.Second
)

// Add is for the beginning: bind failed, and is tried again until it succeeds.
func (u *Unbound) Add(bind func() error) { u.tries = append(u.tries, bind) }

// None is closed when there is none left.
func (u *Unbound) None() <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.none == nil {
		u.none = make(chan struct{})
		if len(u.tries) == 0 {
			close(u.none)
		}
	}
	return u.none
}

// Retry tries until there is none left or ctx ends, ever less often. Nothing is bound after it has returned.
func (u *Unbound) Retry(ctx context.Context) {
	none := u.None()
	for wait := retry; ; wait = min(2*wait, mostRetry) {
		select {
		case <-none:
			return
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		u.try()
	}
}

func (u *Unbound) try() {
	u.mu.Lock()
	defer u.mu.Unlock()
	var left []func() error
	for _, bind := range u.tries {
		if bind() != nil {
			left = append(left, bind)
		}
	}
	if u.tries = left; len(left) == 0 {
		close(u.none)
	}
}
