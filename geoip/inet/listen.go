package inet

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
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

func listenError(address, port string) error {
	if ip, err := netip.ParseAddr(strings.Trim(address, "[]")); err == nil {
		return fmt.Errorf("%q has no port (did you mean %q?)", address, net.JoinHostPort(ip.String(), port))
	}
	host, number, err := net.SplitHostPort(address)
	if _, numberErr := strconv.ParseUint(number, 10, 16); err != nil || numberErr != nil {
		return fmt.Errorf(`%q is not an address and a port, like "192.0.2.1:%s", "[2001:db8::1]:%[2]s" or ":%[2]s"`, address, port)
	}
	if _, err := netip.ParseAddr(host); host != "" && err != nil {
		return fmt.Errorf(`%q is not an address (":%s" is every local one)`, host, port)
	}
	return nil
}
