// Package admin is the operator's own way to a POP: a unix socket that speaks HTTP, addresses for whoever has a token, and who asks there.
package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"

	"tinycdn/geoip/inet"
)

// Socket is bound, and belongs to us as long as the file at its path is the one that we made.
type Socket struct {
	path     string
	made     fs.FileInfo
	listener *net.UnixListener
	closing  sync.Once
	left     atomic.Bool
}

// Listen binds a socket at path, for root and for the user and group of these numbers; -1 is who we are. A folder that is not
// there is made. A socket that nobody listens at any more gives way, nothing else does.
func Listen(path string, uid, gid int) (*Socket, error) {
	if err := makeFolder(filepath.Dir(path), uid, gid); err != nil {
		return nil, err
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	// Linux makes the file with the rights that the socket has when it is bound: nobody gets in before they are right.
	private := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { syscall.Fchmod(int(fd), 0o600) })
	}}
	l, err := private.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, reason(err)
	}
	s := &Socket{path: path, listener: l.(*net.UnixListener)}
	s.listener.SetUnlinkOnClose(false) // by then it may be another's
	if s.made, err = os.Lstat(path); err == nil {
		err = give(path, uid, gid, 0o660)
	}
	if err != nil {
		s.Close()
		return nil, reason(err)
	}
	return s, nil
}

// Adopt is a socket that another process has made, and has left.
func Adopt(l *net.UnixListener) (*Socket, error) {
	s := &Socket{path: l.Addr().String(), listener: l}
	s.listener.SetUnlinkOnClose(false)
	var err error
	if s.made, err = os.Lstat(s.path); err != nil {
		l.Close()
		return nil, reason(err)
	}
	return s, nil
}

// Path is where it is bound.
func (s *Socket) Path() string { return s.path }

// Duplicate gives another descriptor of it, for another process to inherit.
func (s *Socket) Duplicate() (fd int, err error) { return inet.Duplicate(s.listener) }

// Leave leaves the socket where it is when Serve ends: another process has it too.
func (s *Socket) Leave() { s.left.Store(true) }

// Remove removes a socket that was left, after all.
func (s *Socket) Remove() {
	if is, err := os.Lstat(s.path); err == nil && os.SameFile(is, s.made) {
		os.Remove(s.path)
	}
}

// makeFolder makes the folder of the socket. It is the user's, who is to remove the socket at the end.
func makeFolder(folder string, uid, gid int) error {
	if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		return nil // binding tells what is wrong with it
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("the folder %s cannot be made: %w", folder, reason(err))
	}
	// Whatever the umask: the user's group shall find the socket.
	return reason(give(folder, uid, gid, 0o755))
}

// give gives what we have made to the user whom root will become; whoever is not root is that user. It may have been replaced
// by a link, by whoever may write in that folder: it is not followed out of there.
func give(path string, uid, gid int, mode fs.FileMode) error {
	folder, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Chmod(filepath.Base(path), mode); err != nil || os.Geteuid() != 0 {
		return err
	}
	return folder.Lchown(filepath.Base(path), uid, gid)
}

// removeStale removes the socket of a process that has ended without doing so.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return reason(err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return errors.New("what is there is no socket (remove it, or choose another path)")
	}
	conn, err := net.Dial("unix", path)
	switch {
	case err == nil:
		conn.Close()
		return errors.New("somebody listens there already (another tinycdn? give each a path of its own)")
	case errors.Is(err, syscall.ECONNREFUSED):
		err = os.Remove(path)
	}
	return reason(err)
}

// reason is what the system says, without the path, which the caller has.
func reason(err error) error {
	if errno := syscall.Errno(0); errors.As(err, &errno) {
		return errno
	}
	return err
}

// Serve has the handler answer until ctx ends. Then the socket is removed.
func (s *Socket) Serve(ctx context.Context, handler http.Handler, log *slog.Logger) {
	serve(ctx, s.listener, s.Close, handler, log)
}

// Close removes the socket, unless what is at its path is another's by now.
func (s *Socket) Close() {
	s.closing.Do(func() {
		// Before the listener is closed: until then nobody takes the socket for a stale one, nor is its inode another file's.
		if !s.left.Load() {
			s.Remove()
		}
		s.listener.Close()
	})
}
