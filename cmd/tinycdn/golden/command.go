package golden

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/zones"
	"tinycdn/zones/diag"
)

// Options are what test is asked for.
type Options struct {
	Config, File string   // "": the usual ones
	At           []string // addresses, with or without ports; none: those of the configuration
	Only4, Only6 bool
	JSON         bool
	JUnit        string // a file to write; "": none
	Boundaries   int
	Record       string // a file to write; "": none
	Delegation   bool
	Resolvers    []string
	Port         uint16    // of nameservers; 0: 53
	Watched      io.Writer // a terminal for the line that counts; nil: there is none

	Away func(context.Context) ([]zones.Down, error) // who is down or drained, where no POP runs here; nil: nobody knows
}

// run is a run of tests.
type run struct {
	*Options
	path   string // of the configuration; "": there is none
	pops   POPs
	places []Place
	away   []string // which POPs are taken as down or drained, in words
}

// Run makes the tests that are asked for, and writes what came of them. Its error has the status to end with.
func Run(ctx context.Context, o *Options, w io.Writer) error {
	t := &run{Options: o}
	return t.run(ctx, w)
}

func (t *run) run(ctx context.Context, w io.Writer) error {
	if t.Only4 && t.Only6 {
		return exit.With(exit.Usage, errors.New("-4 and -6 leave nothing together"))
	}
	if t.Boundaries < 0 {
		return exit.With(exit.Usage, fmt.Errorf("--boundaries %d: want how many", t.Boundaries))
	}
	if t.Record != "" && t.File != "" {
		return exit.With(exit.Usage, errors.New("--record goes without a FILE: it writes one"))
	}
	if err := t.findPlaces(); err != nil {
		return err
	}
	suite, err := t.suite(w)
	if err != nil {
		return err
	}
	borders, n, err := t.borders(ctx)
	if err != nil {
		return err
	}
	samples, err := t.samples(ctx)
	if err != nil {
		return err
	}
	r := &Runner{Places: t.places, POPs: t.pops}
	progress := newProgress(t.Watched, r.count(suite, borders, samples))
	r.Done = progress.add
	r.run(ctx, suite)
	if n > 0 {
		r.runBorders(ctx, borders, n)
	}
	if t.Delegation {
		if err := t.delegations(ctx, r, progress); err != nil {
			return err
		}
	}
	said := ""
	if t.Record != "" {
		n, err := r.recordFile(ctx, samples, time.Now(), t.Record)
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("--record %s: %s", t.Record, diag.Reason(err))
		}
		said = fmt.Sprintf("%s written to %s\n", plural(n, "test"), t.Record)
	}
	progress.end()
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	report := r.Report()
	report.Away = t.away
	return t.tell(report, said, w)
}

// tell says what came of it, in all the ways that were asked for.
func (t *run) tell(r *Report, said string, w io.Writer) error {
	if t.JUnit != "" {
		if err := r.writeJUnitFile(t.JUnit); err != nil {
			return fmt.Errorf("--junit %s: %s", t.JUnit, diag.Reason(err))
		}
	}
	if t.JSON {
		if err := r.writeJSON(w); err != nil {
			return err
		}
	} else {
		r.write(w)
		fmt.Fprint(w, said)
	}
	if !r.Right() {
		return exit.ErrReported
	}
	return nil
}
