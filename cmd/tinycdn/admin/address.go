package admin

import (
	"context"
	"log/slog"
	"net"
	"net/http"

	"tinycdn/geoip/inet"
)

// Address is one at which admins come with a token.
type Address struct{ listener *net.TCPListener }

// ListenAt binds an address, unless another process has left it.
func ListenAt(address string, inherited *inet.Sockets) (*Address, error) {
	l, _, err := inherited.ListenTCP(net.ListenConfig{}, "tcp", address)
	if err != nil {
		return nil, inet.BindError(err, "program")
	}
	return &Address{l}, nil
}

// Addr is where it is bound.
func (a *Address) Addr() net.Addr { return a.listener.Addr() }

// Duplicate gives another descriptor of it, for another process to inherit.
func (a *Address) Duplicate() (fd int, err error) { return inet.Duplicate(a.listener) }

// Serve has the handler answer whoever has the token, and show everybody the page, until ctx ends.
func (a *Address) Serve(ctx context.Context, token string, page, handler http.Handler, log *slog.Logger) {
	serve(ctx, a.listener, a.Close, Guard(token, page, handler), log)
}

// Close ends it.
func (a *Address) Close() { a.listener.Close() }
