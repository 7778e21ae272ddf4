package system

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A StandIn is the process that answers in place of this one until it has become the new program.
type StandIn struct {
	process *os.Process
	life    *os.File
	ready   *os.File // nil: it is ready
	ended   chan struct{}
	how     string // it has ended; set before ended is closed
}

// standInPatience is how long a stand-in may take to end when it is dismissed: its own visitors get ten seconds.
const standInPatience = 20 * time.Second

// StartStandIn starts the program at path, as this one was started, with copies of the sockets.
func StartStandIn(path string, h Handover) (*StandIn, error) {
	readyOut, ready, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	life, lifeIn, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, readyOut.Close(), ready.Close())
	}
	defer ready.Close()
	defer life.Close()
	fds := []uintptr{0, 1, 2}
	give := func(fd uintptr) int {
		fds = append(fds, fd)
		return len(fds) - 1
	}
	given := Handover{Role: StandInRole, Secrets: h.Secrets, Bound: h.Bound, Shown: h.Shown, Ready: give(ready.Fd()), Life: give(life.Fd())}
	for _, fd := range h.Sockets {
		given.Sockets = append(given.Sockets, give(uintptr(fd)))
	}
	data, err := given.pipe()
	if err != nil {
		return nil, errors.Join(err, readyOut.Close(), lifeIn.Close())
	}
	defer data.Close()
	env := environment("NOTIFY_SOCKET", give(data.Fd())) // only the process that is supervised may speak there
	pid, err := syscall.ForkExec(path, os.Args, &syscall.ProcAttr{Env: env, Files: fds})
	if err != nil {
		return nil, errors.Join(cannotRun(path, err), readyOut.Close(), lifeIn.Close())
	}
	return standIn(pid, lifeIn, readyOut), nil
}

// StandIn is the one that answers in place of this process, a successor; nil: there is none.
func (h *Handover) StandIn() *StandIn {
	if h.Role != SuccessorRole || h.Life == 0 {
		return nil
	}
	return standIn(h.PID, os.NewFile(uintptr(h.Life), "life"), nil)
}

func standIn(pid int, life, ready *os.File) *StandIn {
	s := &StandIn{life: life, ready: ready, ended: make(chan struct{})}
	s.process, _ = os.FindProcess(pid) // on Unix it is always found
	go func() {
		defer close(s.ended)
		if state, err := s.process.Wait(); err != nil {
			s.how = err.Error()
		} else {
			s.how = state.String()
		}
	}()
	return s
}

// Await waits until the stand-in answers. If it does not, it is no more.
func (s *StandIn) Await(ctx context.Context) error {
	defer s.ready.Close()
	defer context.AfterFunc(ctx, func() { s.process.Kill() })()
	var t told
	err := json.NewDecoder(s.ready).Decode(&t)
	if err == nil && t.Wrong == "" && ctx.Err() == nil {
		return nil
	}
	if err != nil {
		s.life.Close() // should it live, it makes no sense
	}
	<-s.ended
	s.life.Close()
	if t.Wrong != "" {
		return errors.New(t.Wrong)
	}
	return fmt.Errorf("the new process has ended before it answered: %s", s.how)
}

// TakeQUIC tells the stand-in that the packets of QUIC are its own from now on.
func (s *StandIn) TakeQUIC() { s.life.Write([]byte{quicIsYours}) }

// Ended is closed when the stand-in has ended.
func (s *StandIn) Ended() <-chan struct{} { return s.ended }

// Dismiss has the stand-in say farewell to its visitors and end.
func (s *StandIn) Dismiss() {
	s.life.Write([]byte{beDismissed})
	select {
	case <-s.ended:
	case <-time.After(standInPatience):
		s.process.Kill()
		<-s.ended
	}
	s.life.Close()
}

// Become makes this process the program at path, as it was started itself: its successor. It returns only if that cannot be.
func Become(path string, h Handover, s *StandIn) error {
	given := Handover{Role: SuccessorRole, Secrets: h.Secrets, Bound: h.Bound, Shown: h.Shown}
	var err error
	give := func(fd int) int {
		copied, failed := syscall.Dup(fd) // such a one is not closed
		err = errors.Join(err, failed)
		return copied
	}
	for _, fd := range h.Sockets {
		given.Sockets = append(given.Sockets, give(fd))
	}
	if s != nil {
		given.Life, given.PID = give(int(s.life.Fd())), s.process.Pid
	}
	data, failed := given.pipe()
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	env := environment("", give(int(data.Fd())))
	signal.Ignore(syscall.SIGHUP, syscall.SIGUSR2) // until it hears them; it will read everything anyway
	return cannotRun(path, errors.Join(err, syscall.Exec(path, os.Args, env)))
}

// pipe is a pipe in which a Handover waits to be read.
func (h Handover) pipe() (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if err := json.NewEncoder(w).Encode(h); err != nil { // 64 KB have room in it
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// environment is ours without a variable, with the descriptor of a Handover. Who has been told once on $READY_FD is not told again.
func environment(without string, handover int) []string {
	env := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return name == without || name == "READY_FD" || name == handoverVariable
	})
	return append(env, fmt.Sprintf("%s=%d", handoverVariable, handover))
}

func cannotRun(path string, err error) error {
	return fmt.Errorf("%s cannot be run: %w", path, err)
}
