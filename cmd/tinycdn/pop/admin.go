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
	"tinycdn/cmd/tinycdn/system"
)

// listenAdmin binds the socket for admins, which costs nothing but itself if that cannot be done.
func (p *POP) listenAdmin() {
	path := p.pages.Web.AdminSocket
	if path == "" || p.standsIn() {
		return
	}
	if p.admin = p.inheritedAdmin(path); p.admin != nil {
		return
	}
	uid, gid, err := system.UserIDs(p.started.User)
	if err != nil {
		return // who cannot become the user ends at once
	}
	if p.admin, err = admin.Listen(path, uid, gid); err == nil {
		return
	}
	level, hint := slog.LevelWarn, ""
	if path == config.AdminSocket() && errors.Is(err, fs.ErrPermission) { // as somebody who tries it out in a folder of his own
		level, hint = slog.LevelInfo, ` (web.admin_socket names another place)`
	}
	p.log.Log(context.Background(), level, fmt.Sprintf("web.admin_socket: cannot listen on %s: %v%s", path, err, hint), "effect", "no tinycdn purge, and no counters by it")
}

// inheritedAdmin is the socket for admins that the process before has left; nil: there is none.
func (p *POP) inheritedAdmin(path string) *admin.Socket {
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
	p.admin.Serve(ctx, p.restartHandler(p.healthHandler(p.drainHandler(p.certsHandler(p.web.AdminHandler())))), p.log)
	return nil
}

// socketFolders are those in which there are sockets to remove at the end.
func (p *POP) socketFolders() []string {
	if p.admin == nil {
		return nil
	}
	return []string{filepath.Dir(p.pages.Web.AdminSocket)}
}
