package origin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

func (s *Site) log() *slog.Logger { return cmp.Or(s.config.Log, slog.Default()) }

// logPanic tells of a mistake of ours.
func (s *Site) logPanic(fault any) {
	s.log().Error("a page could not be fetched, which is a bug in tinycdn; please report it",
		"fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
}

// noteReached takes in whether the application could be reached, and tells when that changes.
func (s *Site) noteReached(err error, now time.Time) {
	began, ended := s.health.note(err, now)
	if began != nil {
		s.log().Warn("the application cannot be reached", "site", s.config.Name, "origin", s.place(), "error", err,
			"effect", "what is kept is served, stale too; for the rest visitors get 502")
	}
	if ended != nil {
		s.log().Info("the application can be reached again", "site", s.config.Name, "origin", s.place(),
			"after", now.Sub(ended.since).Round(time.Millisecond))
	}
}

// tellEvery is how often a site tells of responses that its application has spoiled: where one is, thousands may be.
const tellEvery = 10 * time.Second

// spoiled counts responses that an application has spoiled.
type spoiled struct {
	mu     sync.Mutex
	told   time.Time
	silent int // how many were not told since
}

// tellSpoiled tells, for an operator, why a visitor got no page of the application, or one that was cut off. That nobody
// could be reached is told elsewhere, that the visitor left or that there is no place is no fault of the application.
func (s *Site) tellSpoiled(out *http.Request, err error) {
	if unreachable(err) || errors.Is(err, context.Canceled) || errors.Is(err, errFull) {
		return
	}
	more, tell := s.spoiled.count(time.Now())
	if !tell {
		return
	}
	reason := err.Error()
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		reason = "it ends too early"
	}
	attrs := []any{"site", s.config.Name, "path", out.URL.Path, "reason", strings.TrimPrefix(reason, "net/http: ")}
	if more > 0 {
		attrs = append(attrs, "others_before", more)
	}
	s.log().Warn("a response of the application is spoiled", attrs...)
}

// count takes one more in, and says whether to tell of it, and how many were not told before.
func (s *spoiled) count(now time.Time) (silent int, tell bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.told.IsZero() && now.Sub(s.told) < tellEvery {
		s.silent++
		return 0, false
	}
	silent, s.silent, s.told = s.silent, 0, now
	return silent, true
}
