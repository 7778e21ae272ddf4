package tests

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

// server is a tinycdn that a test runs, as a service manager would.
type server struct {
	cmd     *exec.Cmd
	log     *lines // what it prints
	notices *lines // what it tells the service manager
	logRead int    // how far the story has read the log

	socket *net.UnixConn
	folder string        // of the socket
	exited chan struct{} // closed when it has ended
	err    error         // with what; set before exited is closed

	stopped bool // by the test
}

// launch starts tinycdn in a folder and does not wait for it. What a test takes of its output is not in the log.
func launch(cmd *exec.Cmd) (*server, error) {
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
	s := &server{cmd: cmd, log: newLines(), notices: newLines(), socket: socket, folder: folder, exited: make(chan struct{})}
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Env = append(cmd.Env, "NOTIFY_SOCKET="+address.Name)
	if cmd.Stdout == nil {
		cmd.Stdout = s.log
	}
	if cmd.Stderr == nil {
		cmd.Stderr = s.log
	}
	go s.listen()
	if err := cmd.Start(); err != nil {
		s.forget()
		return nil, err
	}
	go func() {
		s.err = cmd.Wait()
		close(s.exited)
	}()
	return s, nil
}

// listen takes what the server tells the service manager: lines in datagrams (sd_notify(3)).
func (s *server) listen() {
	buf := make([]byte, 4096)
	for {
		n, err := s.socket.Read(buf)
		if err != nil {
			return
		}
		s.notices.Write([]byte(strings.TrimRight(string(buf[:n]), "\n") + "\n"))
	}
}

// ready waits until the server says that it is.
func (s *server) ready() error {
	_, err := s.awaitNotice(0, "READY=1")
	return err
}

func (s *server) awaitNotice(n int, notice string) (next int, err error) {
	next, found := s.notices.await(n, s.exited, func(line string) bool { return line == notice })
	if !found {
		return n, fmt.Errorf("the server does not say %s; it says\n%s\n%s", notice, s.notices, s.log)
	}
	return next, nil
}

// reload asks for everything to be read again, and waits until that is done.
func (s *server) reload() error {
	said, _ := s.notices.from(0)
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		return err
	}
	next, err := s.awaitNotice(len(said), "RELOADING=1")
	if err == nil {
		_, err = s.awaitNotice(next, "READY=1")
	}
	return err
}

// stop ends the server as a service manager does. It must go willingly.
func (s *server) stop(signal syscall.Signal) error {
	s.stopped = true
	s.cmd.Process.Signal(signal)
	select {
	case <-s.exited:
		s.forget()
	case <-time.After(patience):
		s.kill()
		return fmt.Errorf("the server does not stop after %v\n%s", signal, s.log)
	}
	if s.err != nil {
		return fmt.Errorf("the server stopped with: %w\n%s", s.err, s.log)
	}
	return nil
}

// kill ends the server if it still runs.
func (s *server) kill() {
	s.cmd.Process.Kill()
	<-s.exited
	s.forget()
}

func (s *server) forget() {
	s.socket.Close()
	os.RemoveAll(s.folder)
}
