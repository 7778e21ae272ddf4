//go:build !linux && !freebsd

package inet

// allowAway can do nothing here: an address that is not there is tried again until it is.
func allowAway(fd int, v6 bool) {}
