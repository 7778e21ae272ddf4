package system

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// A Handover is what a process got from the one before it in a silent restart. That one has a stand-in started, which answers in its
// place until it has become the new program itself, its successor: so whoever supervises it sees one process all the time. The zero
// value is that of a process that began by itself.
type Handover struct {
	Role    Role
	Sockets []int      // by their descriptors
	Secrets [][16]byte // of cookies
	Bound   bool       // there is no address that could not be bound yet
	Shown   []byte     // what others wanted shown, who do not know that another process answers

	Ready int // of a stand-in: a pipe, to tell on that it answers, or what is wrong
	Life  int // of a stand-in: a pipe on which it is told to end; of a successor, its other end; 0: there is no stand-in
	PID   int // of a successor: of the stand-in

	replaced chan struct{}
	dismiss  chan struct{}
}

// Role is what a process is in a silent restart.
type Role string

const (
	StandInRole   Role = "stand-in"
	SuccessorRole Role = "successor"
)

// handoverVariable names the descriptor of a pipe in which the Handover is: an environment may be read by others.
const handoverVariable = "TINYCDN_HANDOVER"

// What a stand-in is told on the pipe. At the pipe's end whoever started it has ended.
const (
	quicIsYours = 'q'
	beDismissed = 'd'
)

// TakeHandover is what this process has got. What must not be found by a program that it starts is not, later.
func TakeHandover() (*Handover, error) {
	h := &Handover{replaced: make(chan struct{}), dismiss: make(chan struct{})}
	number, is := os.LookupEnv(handoverVariable)
	if !is {
		return h, nil
	}
	os.Unsetenv(handoverVariable)
	fd, err := strconv.Atoi(number)
	if err != nil || fd < 3 {
		return nil, fmt.Errorf("%s=%s is no descriptor (unset it)", handoverVariable, number)
	}
	pipe := os.NewFile(uintptr(fd), handoverVariable)
	defer pipe.Close()
	if info, err := pipe.Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return nil, fmt.Errorf("%s=%s is no pipe (unset it)", handoverVariable, number)
	}
	data, err := io.ReadAll(pipe)
	if err == nil {
		err = json.Unmarshal(data, h)
	}
	if err != nil {
		return nil, fmt.Errorf("what the process before hands over cannot be read: %w", err)
	}
	for _, fd := range append(slices.Clone(h.Sockets), h.Ready, h.Life) {
		if fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
	if h.Role == StandInRole {
		go h.listen()
	}
	return h, nil
}

// listen does what the process tells that has started this one.
func (h *Handover) listen() {
	life := os.NewFile(uintptr(h.Life), "life")
	dismissed, one := false, make([]byte, 1)
	for {
		if n, err := life.Read(one); n == 0 || err != nil {
			break
		}
		switch one[0] {
		case quicIsYours:
			close(h.replaced)
		case beDismissed:
			dismissed = true
			close(h.dismiss)
		}
	}
	if !dismissed {
		os.Exit(1) // whoever would have ended this one is no more
	}
}

// Replaced is closed when the process that is stood in for reads no packets of QUIC any more.
func (h *Handover) Replaced() <-chan struct{} { return h.replaced }

// Dismissed is closed when a stand-in is to end.
func (h *Handover) Dismissed() <-chan struct{} { return h.dismiss }

// Tell tells the process that has started this stand-in that it answers, or else what is wrong.
func (h *Handover) Tell(wrong error) {
	pipe := os.NewFile(uintptr(h.Ready), "ready")
	defer pipe.Close()
	json.NewEncoder(pipe).Encode(told{textOf(wrong)})
}

// told is what a stand-in tells.
type told struct{ Wrong string }

// textOf is an error in one line.
func textOf(err error) string {
	if err == nil {
		return ""
	}
	first, others, more := strings.Cut(err.Error(), "\n")
	if !more {
		return first
	}
	return fmt.Sprintf("%s (and %d more: tinycdn check)", first, 1+strings.Count(others, "\n"))
}

// Program is the path of the program that this process runs, as it was called: what lies there by the next restart is the new one.
func Program() (string, error) {
	path, err := exec.LookPath(os.Args[0])
	if err != nil && !errors.Is(err, exec.ErrDot) {
		return os.Executable()
	}
	return filepath.Abs(path)
}
