package mmsg

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"

	"tinycdn/geoip/inet"
)

// listenPlain opens a socket that takes packets one by one, where there are no batches; and in tests everywhere, since
// both must do the same.
func listenPlain(addr netip.AddrPort) (Conn, error) {
	conn, err := open(addr, false)
	if err != nil {
		return nil, err
	}
	return newPlainConn(conn), nil
}

// open opens the socket of any Conn, at an address that may be away. An IPv6 socket does not take IPv4. Of a shared one there
// may be several with the same address.
func open(addr netip.AddrPort, shared bool) (*net.UDPConn, error) {
	network := "udp4"
	if addr.Addr().Is6() {
		network = "udp6"
	}
	config := net.ListenConfig{Control: func(network, address string, raw syscall.RawConn) error {
		var refused error
		err := raw.Control(func(fd uintptr) { refused = setOptions(int(fd), addr.Addr(), shared) })
		return errors.Join(err, refused, inet.AllowAway(network, address, raw))
	}}
	conn, err := config.ListenPacket(context.Background(), network, addr.String())
	if err != nil {
		return nil, err
	}
	return conn.(*net.UDPConn), nil
}
