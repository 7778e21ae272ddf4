package gate

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/pires/go-proxyproto"
)

// opening is the beginning of a connection from a trusted proxy: a PROXY protocol header, version 1 or 2, or none.
type opening struct {
	once   sync.Once
	in     *bufio.Reader // until what came with the header is read
	client net.Addr      // whom the header names; nil: nobody
	err    error
}

// openingSize is enough for most headers. Longer ones take more reads.
const openingSize = 256

func newOpening(c net.Conn) *opening { return &opening{in: bufio.NewReaderSize(c, openingSize)} }

var errCrowd = errors.New("too many connections from this client of the proxy")

// Read reads what follows the PROXY protocol header, if there is one.
func (c *conn) Read(p []byte) (int, error) {
	if c.opening == nil {
		return c.Conn.Read(p)
	}
	c.opening.once.Do(c.readOpening)
	switch o := c.opening; {
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
	if c.opening != nil {
		if c.opening.once.Do(c.readOpening); c.opening.client != nil {
			return c.opening.client
		}
	}
	return c.Conn.RemoteAddr()
}

// readOpening reads the header. Who trusts a proxy may still be asked in plain HTTP by it: health checks are.
func (c *conn) readOpening() {
	o := c.opening
	c.SetReadDeadline(time.Now().Add(c.gate.config.OpeningTime))
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
		if !c.gate.move(&c.guest, addrOf(client)) {
			o.err = errCrowd
		}
	}
}
