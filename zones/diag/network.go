package diag

import (
	"errors"
	"net"
	"syscall"
)

// Network is what kept a connection from coming about, without what Go was doing just then, and without the address, which the reader
// has already.
func Network(err error) string {
	var number syscall.Errno
	var name *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return "there is no host " + name.Name
	case errors.As(err, &name) && !name.IsTimeout:
		return "the address of " + name.Name + " is not to be had: " + name.Err
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer"
	case errors.As(err, &number):
		return number.Error()
	}
	return err.Error()
}
