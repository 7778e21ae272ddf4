package pop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/dashboard"
	"tinycdn/cmd/tinycdn/system"
)

// admins are the ways by which operators come.
type admins struct {
	socket    *admin.Socket // nil: there is none
	addresses []*admin.Address
}

// listenAdmin binds what admins come by. What cannot be bound costs nothing but itself.
func (p *POP) listenAdmin() {
	if p.standsIn() {
		return
	}
	p.listenSocket()
	for _, address := range p.started.Admin.Listen {
		if a, err := admin.ListenAt(address, p.restarts.inherited); err == nil {
			p.admins.addresses = append(p.admins.addresses, a)
		} else {
			p.log.Warn(fmt.Sprintf("admin.listen: cannot listen on %s: %v", address, err), "effect", "no admin is heard there")
		}
	}
}

// listenSocket binds the socket for admins.
func (p *POP) listenSocket() {
	path := p.started.Web.AdminSocket
	if path == "" {
		return
	}
	if p.admins.socket = p.inheritedSocket(path); p.admins.socket != nil {
		return
	}
	uid, gid, err := system.UserIDs(p.started.User)
	if err != nil {
		return // who cannot become the user ends at once
	}
	if p.admins.socket, err = admin.Listen(path, uid, gid); err == nil {
		return
	}
	level, hint := slog.LevelWarn, ""
	if path == config.AdminSocket() && errors.Is(err, fs.ErrPermission) { // as somebody who tries it out in a folder of his own
		level, hint = slog.LevelInfo, ` (web.admin_socket names another place)`
	}
	p.log.Log(context.Background(), level, fmt.Sprintf("web.admin_socket: cannot listen on %s: %v%s", path, err, hint), "effect", "no tinycdn purge, and no counters by it")
}

// inheritedSocket is the socket for admins that the process before has left; nil: there is none.
func (p *POP) inheritedSocket(path string) *admin.Socket {
	l, err := p.restarts.inherited.ListenUnix()
	if l == nil || err != nil {
		return nil
	}
	socket, err := admin.Adopt(l)
	if err != nil {
		return nil
	}
	if socket.Path() != path {
		p.log.Warn("web.admin_socket has changed", "path", socket.Path(), "effect", "the new value holds from the next start by the service manager on")
	}
	return socket
}

// serveAdmin answers admins until ctx ends.
func (p *POP) serveAdmin(ctx context.Context) error {
	answers := p.adminRoutes(ctx)
	var servers []func(context.Context) error
	add := func(serve func(context.Context)) {
		servers = append(servers, func(ctx context.Context) error { serve(ctx); return nil })
	}
	if socket := p.admins.socket; socket != nil {
		add(func(ctx context.Context) { socket.Serve(ctx, answers, p.log) })
	}
	token, err := "", error(nil)
	if len(p.admins.addresses) > 0 {
		token, err = admin.ReadToken(p.started.Admin.TokenFile)
	}
	for _, a := range p.admins.addresses {
		if err != nil { // the reporter has told of it
			a.Close()
			continue
		}
		add(func(ctx context.Context) { a.Serve(ctx, token, dashboard.Page(dashboard.Elsewhere), answers, p.log) })
	}
	if len(servers) > 0 {
		return ServeTogether(ctx, servers...)
	}
	<-ctx.Done()
	return nil
}

// duplicates are descriptors of all sockets of admins, for another process.
func (a *admins) duplicates() (fds []int) {
	var sockets []interface{ Duplicate() (int, error) }
	if a.socket != nil {
		sockets = append(sockets, a.socket)
	}
	for _, address := range a.addresses {
		sockets = append(sockets, address)
	}
	for _, one := range sockets {
		if fd, err := one.Duplicate(); err == nil {
			fds = append(fds, fd)
		}
	}
	return fds
}

// leave leaves the socket where it is when serving ends.
func (a *admins) leave() {
	if a.socket != nil {
		a.socket.Leave()
	}
}

// remove removes a socket that was left, after all.
func (a *admins) remove() {
	if a.socket != nil {
		a.socket.Remove()
	}
}

// close gives back those of a POP that does not serve.
func (a *admins) close() {
	if a.socket != nil {
		a.socket.Close()
	}
	for _, address := range a.addresses {
		address.Close()
	}
}

// socketFolders are those in which there are sockets to remove at the end.
func (p *POP) socketFolders() []string {
	if p.admins.socket == nil {
		return nil
	}
	return []string{filepath.Dir(p.admins.socket.Path())}
}
