package pop

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"tinycdn/zones/diag"
)

// Finding is one thing to report to an operator.
type Finding struct {
	Level  slog.Level
	Text   string // what, and where
	Effect string // what it means for the server at work; "": nothing
}

func findings(level slog.Level, problems []diag.Problem, effect string) (list []Finding) {
	for _, p := range problems {
		list = append(list, Finding{level, p.String(), effect})
	}
	return list
}

// errorOf is those of the findings that are wrong, a line each; nil: none is.
func errorOf(list []Finding) error {
	var errs []error
	for _, f := range list {
		if f.Level == slog.LevelError {
			errs = append(errs, errors.New(f.Text))
		}
	}
	return errors.Join(errs...)
}

// reporter logs what is wrong: each thing once, for as long as it stays wrong.
type reporter struct {
	log      *slog.Logger
	reported []Finding
}

// report logs those of list that were not reported yet, or with again all of them. When none is left, or none but notes, it says so.
func (r *reporter) report(list []Finding, again bool) {
	for _, f := range list {
		if !again && slices.ContainsFunc(r.reported, func(known Finding) bool { return known.Text == f.Text }) {
			continue
		}
		var attrs []slog.Attr
		if f.Effect != "" {
			attrs = append(attrs, slog.String("effect", f.Effect))
		}
		r.log.LogAttrs(context.Background(), f.Level, f.Text, attrs...)
	}
	if len(list) == 0 && len(r.reported) > 0 || errorOf(list) == nil && errorOf(r.reported) != nil {
		r.log.Info("all that was wrong is mended")
	}
	r.reported = list
}
