package pop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"tinycdn/zones/diag"
)

// Finding is one thing to report to an operator.
type Finding struct {
	Level  slog.Level
	Text   string // what, and where
	Effect string // what it means for the server at work; "": nothing
	More   int    // so many others like it are not told
	kind   string // that it is one of; "": the only one
}

func findings(level slog.Level, problems []diag.Problem, effect string) (list []Finding) {
	for _, p := range problems {
		list = append(list, Finding{Level: level, Text: p.String(), Effect: effect, More: p.More, kind: diag.KindOf(p.Text)})
	}
	return list
}

// few keeps the first findings of each kind, and counts the others: the same mistake may be in thousands of zones.
func few(list []Finding) []Finding {
	var f diag.Few[Finding]
	for _, one := range list {
		more := one.More
		one.More = 0
		f.Add(fmt.Sprint(one.Level, one.Effect, cmp.Or(one.kind, one.Text)), one, more)
	}
	return f.All(func(last *Finding, more int) { last.More = more })
}

// AndMore tells of others that are not told: "and 1,462 more like this".
func (f *Finding) AndMore() string {
	n := strconv.Itoa(f.More)
	for i := len(n) - 3; i > 0; i -= 3 {
		n = n[:i] + "," + n[i:]
	}
	return "and " + n + " more like this"
}

// Count says how many there are of something.
func Count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// key is what a finding is known by: however many others there are.
func (f *Finding) key() string { return fmt.Sprint(f.Level, f.Text, "\n", f.Effect) }

// errorOf is those of the findings that are wrong, a line each; nil: none is.
func errorOf(list []Finding) error {
	var errs []error
	for _, f := range few(list) {
		if f.Level != slog.LevelError {
			continue
		}
		errs = append(errs, errors.New(f.Text))
		if f.More > 0 {
			errs = append(errs, errors.New(f.AndMore()))
		}
	}
	return errors.Join(errs...)
}

// reporter logs what is wrong: each thing once, for as long as it stays wrong and means the same.
type reporter struct {
	log      *slog.Logger
	reported []Finding
	standing []Finding // with those that were only counted
	mended   bool      // all that was wrong is, and nobody was told
}

// report logs those of list that were not reported yet, or with again all of them. When none is left, or none but notes, it says so,
// unless something waits to be read that may be wrong as well.
func (r *reporter) report(list []Finding, again, waits bool) {
	all := list
	list = few(list)
	known := map[string]bool{}
	for _, f := range r.reported {
		known[f.key()] = !again
	}
	for _, f := range list {
		if !known[f.key()] {
			r.tell(f)
		}
	}
	if errorOf(list) != nil {
		r.mended = false
	} else if len(list) == 0 && len(r.reported) > 0 || errorOf(r.reported) != nil {
		r.mended = true
	}
	if r.mended && !waits {
		r.log.Info("all that was wrong is mended")
		r.mended = false
	}
	r.reported, r.standing = list, all
}

// reportAll logs what is said once.
func (r *reporter) reportAll(list []Finding) {
	for _, f := range list {
		r.tell(f)
	}
}

func (r *reporter) tell(f Finding) {
	var attrs []slog.Attr
	if f.Effect != "" {
		attrs = append(attrs, slog.String("effect", f.Effect))
	}
	if f.More > 0 {
		attrs = append(attrs, slog.Int("more", f.More))
	}
	r.log.LogAttrs(context.Background(), f.Level, f.Text, attrs...)
}
