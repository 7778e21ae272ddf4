package system

import (
	"io"
	"log/slog"
	"os/signal"
	"syscall"
)

// NewLogger writes events as text, or as JSON.
func NewLogger(w io.Writer, format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// OutliveReaders lets the servers go on when whoever reads their log has ended: what is written to a broken pipe is lost,
// and nothing else. By itself Go ends a program at a broken standard output or standard error (package os/signal, SIGPIPE).
func OutliveReaders() { signal.Ignore(syscall.SIGPIPE) }
