package inet

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// CheckListen reports what is wrong with addresses to listen on, which stand at the keys. The port is that of the hint.
func CheckListen(keys, addresses []string, port string, report func(keys []string, format string, args ...any)) {
	for i, address := range addresses {
		keys := append(slices.Clip(keys), strconv.Itoa(i))
		if err := listenError(address, port); err != nil {
			report(keys, "%v", err)
		} else if slices.Contains(addresses[:i], address) {
			report(keys, "%q is listed twice", address)
		}
	}
}

// ListensAsPOP says whether an address to listen on means those of the POP that listens, "pop", and with which port: "pop:5353",
// or the usual one.
func ListensAsPOP(address, usual string) (port string, ok bool) {
	host, port, hasPort := strings.Cut(address, ":")
	if !hasPort {
		port = usual
	}
	return port, host == "pop"
}

func listenError(address, port string) error {
	bare := address
	if inner, ok := strings.CutPrefix(address, "["); ok {
		bare = strings.TrimSuffix(inner, "]")
	}
	if ip, err := netip.ParseAddr(bare); err == nil && !strings.Contains(bare, "]") {
		if zone, number, ported := strings.Cut(ip.Zone(), ":"); ported { // no interface has a colon in its name
			return fmt.Errorf("%q wants brackets (did you mean %q?)", address, net.JoinHostPort(ip.WithZone(zone).String(), number))
		}
		return fmt.Errorf("%q has no port (did you mean %q?)", address, net.JoinHostPort(ip.String(), port))
	}
	if address == "pop" {
		return nil
	}
	host, number, err := net.SplitHostPort(address)
	if _, numberErr := strconv.ParseUint(number, 10, 16); err != nil || numberErr != nil {
		return fmt.Errorf(`%q is not an address and a port, like "192.0.2.1:%s", "[2001:db8::1]:%[2]s" or ":%[2]s"`, address, port)
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "", host == "pop":
	case err != nil:
		return fmt.Errorf(`%q is not an address (":%s" is every local one)`, host, port)
	case ip.Is6() && ip.IsLinkLocalUnicast() && ip.Zone() == "":
		// RFC 4007, 6: it means another machine on each link.
		return fmt.Errorf("%s is an address of each interface: say of which (such as %q)", ip, net.JoinHostPort(ip.String()+"%eth0", number))
	}
	return nil
}

// BindError is why an address cannot be bound, with what an operator can do about it. Kind is what else may have taken it: a
// "nameserver".
func BindError(err error, kind string) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err
	}
	switch errno {
	case syscall.EACCES, syscall.EPERM:
		return fmt.Errorf("%w (ports below 1024 are for root, or for a program with: setcap cap_net_bind_service=+ep FILE)", errno)
	case syscall.EADDRINUSE:
		return fmt.Errorf("%w (is another %s running, or is it listed twice? see: ss -lunpt)", errno, kind)
	case syscall.EADDRNOTAVAIL:
		return fmt.Errorf("%w (this machine does not have it; see: ip address)", errno)
	case syscall.EINVAL: // of an address with a zone, which is no interface here
		return fmt.Errorf("%w (is the interface there? see: ip link)", errno)
	}
	return errno
}
