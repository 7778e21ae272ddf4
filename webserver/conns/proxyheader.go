package conns

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/pires/go-proxyproto"

	"tinycdn/geoip/inet"
)

// proxyHeader is the beginning of a connection from a trusted proxy: a PROXY protocol header, version 1 or 2, or none.
type proxyHeader struct {
	once   sync.Once
	in     *bufio.Reader // until what came with the header is read
	client net.Addr      // whom the header names; nil: nobody
	err    error
}

// proxyHeaderSize is enough for most headers. Longer ones take more reads.
const proxyHeaderSize = 256

func newProxyHeader(c net.Conn) *proxyHeader {
	return &proxyHeader{in: bufio.NewReaderSize(c, proxyHeaderSize)}
}

var errShed = errors.New("the connection has lost its place")

// Read reads what follows the PROXY protocol header, if there is one.
func (c *conn) Read(p []byte) (n int, err error) {
	n, err = c.read(p)
	c.entry.moved.Add(int64(n))
	return n, err
}

func (c *conn) read(p []byte) (int, error) {
	if c.proxied == nil {
		return c.Conn.Read(p)
	}
	c.proxied.once.Do(c.readProxyHeader)
	switch o := c.proxied; {
	case o.err != nil:
		return 0, o.err
	case o.in == nil:
		return c.Conn.Read(p)
	case o.in.Buffered() > 0:
		return o.in.Read(p)
	default:
		o.in = nil
		return c.Conn.Read(p)
	}
}

// RemoteAddr is the client's address, also where it came through a proxy that says so.
func (c *conn) RemoteAddr() net.Addr {
	if c.proxied != nil {
		if c.proxied.once.Do(c.readProxyHeader); c.proxied.client != nil {
			return c.proxied.client
		}
	}
	return c.Conn.RemoteAddr()
}

// readProxyHeader reads the header. Who trusts a proxy may still be asked in plain HTTP by it: health checks are.
func (c *conn) readProxyHeader() {
	o := c.proxied
	c.SetReadDeadline(time.Now().Add(c.table.config.ProxyHeaderTime))
	header, err := proxyproto.Read(o.in)
	c.SetReadDeadline(time.Time{})
	switch {
	case errors.Is(err, proxyproto.ErrNoProxyProtocol):
	case err != nil:
		o.err = fmt.Errorf("reading what a proxy says first: %w", err)
	case header.Command.IsLocal(): // the proxy asks for itself
	default:
		client, ok := header.SourceAddr.(*net.TCPAddr)
		if !ok {
			return // of a kind that has no address
		}
		o.client = client
		if !c.table.move(&c.entry, inet.Of(client)) {
			o.err = errShed
		}
	}
}
