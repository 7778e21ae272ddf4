package pop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/conns"
)

// mostStrangers are how many may knock at a time.
const mostStrangers = 500

// doors are where a member listens for the others alone, beside the port for HTTPS.
type doors struct {
	member    *member
	listeners map[string]*net.TCPListener
	table     *conns.Table  // so that strangers keep no member out
	inherited *inet.Sockets // that the process before has bound; nil: none
	work      sync.WaitGroup
}

// inherit takes over the listeners that the process before has left. Nobody is let in yet.
func (d *doors) inherit(from *inet.Sockets, https []string) (err error) {
	var fds []int
	for _, address := range d.member.Listen() {
		if !isAmong(address, https) {
			fds = append(fds, from.Take("tcp", address)...)
		}
	}
	d.inherited, err = inet.Inherit(fds)
	return err
}

// duplicates are descriptors of the listeners, for another process.
func (d *doors) duplicates() (fds []int, err error) {
	for _, l := range d.listeners {
		fd, failed := inet.Duplicate(l)
		if err = errors.Join(err, failed); failed == nil {
			fds = append(fds, fd)
		}
	}
	return fds, err
}

// open listens at the addresses that are not the page server's.
func (d *doors) open(ctx context.Context, https []string) error {
	if d.listeners == nil {
		d.listeners = map[string]*net.TCPListener{}
		d.table = conns.New(conns.Config{Clients: mostStrangers, Peer: d.member.IsPOP, Log: d.member.log})
	}
	for _, address := range d.member.Listen() {
		if d.listeners[address] != nil || isAmong(address, https) {
			continue
		}
		l, _, err := d.inherited.ListenTCP(net.ListenConfig{}, "tcp", address)
		if err != nil {
			return fmt.Errorf("the channel cannot listen on %s: %w", address, inet.BindError(err, "web server"))
		}
		d.member.log.Info("the channel listens", "cluster", d.member.Name(), "listen", l.Addr().String(), "fingerprint", d.member.Key().Public().Fingerprint())
		d.listeners[address] = l
		d.work.Go(func() { d.member.server.ServeListener(ctx, d.table.Listener(l), d.table.Release) })
	}
	return nil
}

// close gives those back that are to be the page server's; nil: all. Connections that are open stay.
func (d *doors) close(https []string) {
	for address, l := range d.listeners {
		if https == nil || isAmong(address, https) {
			l.Close()
			delete(d.listeners, address)
		}
	}
	if https == nil {
		d.work.Wait()
	}
}

// isAmong says whether an address is listened on, perhaps as one of all addresses.
func isAmong(address string, all []string) bool {
	host, port, _ := net.SplitHostPort(address)
	return slices.ContainsFunc(all, func(other string) bool {
		h, p, _ := net.SplitHostPort(other)
		return p == port && (h == host || isAny(h) || isAny(host))
	})
}

func isAny(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "" || err == nil && a.IsUnspecified()
}
