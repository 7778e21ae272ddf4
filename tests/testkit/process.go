package testkit

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Process is a tinycdn that a test runs, as a service manager would.
type Process struct {
	Cmd     *exec.Cmd
	Log     *Lines // what it prints
	Notices *Lines // what it tells the service manager

	socket *net.UnixConn
	folder string        // of the socket
	Exited chan struct{} // closed when it has ended
	Err    error         // with what; set before Exited is closed

	stopped bool // by the test
}

// Launch starts tinycdn in a folder and does not wait for it. What a test takes of its output is not in the log.
func Launch(cmd *exec.Cmd) (*Process, error) {
	// Not in the test's own folder: the path of a socket has room for some 100 characters only.
	folder, err := os.MkdirTemp("", "tinycdn-")
	if err != nil {
		return nil, err
	}
	address := &net.UnixAddr{Name: filepath.Join(folder, "notify"), Net: "unixgram"}
	socket, err := net.ListenUnixgram("unixgram", address)
	if err != nil {
		os.RemoveAll(folder)
		return nil, err
	}
	os.Chmod(folder, 0o755) // the server may be another user's
	os.Chmod(address.Name, 0o777)
	s := &Process{Cmd: cmd, Log: newLines(), Notices: newLines(), socket: socket, folder: folder, Exited: make(chan struct{})}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	// What one keeps for its next start is no other's; a test may say where.
	state := filepath.Join(folder, "state")
	os.Mkdir(state, 0o777)
	os.Chmod(state, 0o777)
	cmd.Env = append([]string{"TINYCDN_STATE=" + state}, cmd.Env...)
	cmd.Env = append(cmd.Env, "NOTIFY_SOCKET="+address.Name, "RUNTIME_DIRECTORY="+filepath.Join(folder, "run"))
	if cmd.Stdout == nil {
		cmd.Stdout = s.Log
	}
	if cmd.Stderr == nil {
		cmd.Stderr = s.Log
	}
	go s.listen()
	if err := cmd.Start(); err != nil {
		s.forget()
		return nil, err
	}
	go func() {
		s.Err = cmd.Wait()
		close(s.Exited)
	}()
	return s, nil
}

// listen takes what the server tells the service manager: lines in datagrams (sd_notify(3)).
func (s *Process) listen() {
	buf := make([]byte, 4096)
	for {
		n, err := s.socket.Read(buf)
		if err != nil {
			return
		}
		s.Notices.Write([]byte(strings.TrimRight(string(buf[:n]), "\n") + "\n"))
	}
}

// Ready waits until the server says that it is.
func (s *Process) Ready() error {
	_, err := s.AwaitNotice(0, "READY=1")
	return err
}

// AdminSocket is where the server is asked by admins, if its configuration does not say otherwise.
func (s *Process) AdminSocket() string { return filepath.Join(s.folder, "run", "admin.sock") }

func (s *Process) AwaitNotice(n int, notice string) (next int, err error) {
	next, found := s.Notices.Await(n, s.Exited, func(line string) bool { return line == notice })
	if !found {
		return n, fmt.Errorf("the server does not say %s; it says\n%s\n%s", notice, s.Notices, s.Log)
	}
	return next, nil
}

// Reload asks for everything to be read again, and waits until that is done.
func (s *Process) Reload() error {
	said, _ := s.Notices.From(0)
	if err := s.Cmd.Process.Signal(syscall.SIGHUP); err != nil {
		return err
	}
	next, err := s.AwaitNotice(len(said), "RELOADING=1")
	if err == nil {
		_, err = s.AwaitNotice(next, "READY=1")
	}
	return err
}

// Stop ends the server as a service manager does. It must go willingly.
func (s *Process) Stop(signal syscall.Signal) error {
	s.stopped = true
	s.Cmd.Process.Signal(signal)
	select {
	case <-s.Exited:
		s.forget()
	case <-time.After(Patience):
		s.Kill()
		return fmt.Errorf("the server does not stop after %v\n%s", signal, s.Log)
	}
	if s.Err != nil {
		return fmt.Errorf("the server stopped with: %w\n%s", s.Err, s.Log)
	}
	return nil
}

// Kill ends the server if it still runs.
func (s *Process) Kill() {
	s.stopped = true
	s.Cmd.Process.Kill()
	<-s.Exited
	s.forget()
}

func (s *Process) forget() {
	s.socket.Close()
	os.RemoveAll(s.folder)
}

// HasExited says whether the server has ended.
func (s *Process) HasExited() bool {
	select {
	case <-s.Exited:
		return true
	default:
		return false
	}
}

// Nobody is a user without any rights (Debian's number; Alpine's and Chimera's too).
const Nobody = 65534
