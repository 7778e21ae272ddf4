package main

import (
	"io"
	"log/slog"

	"tinycdn/zones"
)

// newLogger writes events as text, or as JSON. The service manager adds the time where it keeps one; we do too, for those that do not.
func newLogger(w io.Writer, format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// logProblems logs each mistake in a line of its own.
func logProblems(log *slog.Logger, what string, problems []zones.Problem) {
	for _, p := range problems {
		log.Error(p.String(), "effect", what)
	}
}
