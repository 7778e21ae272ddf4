package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/words"

	"github.com/spf13/cobra"
)

func statusCommand() *cobra.Command {
	var file string
	var asJSON bool
	c := &cobra.Command{
		Use:   "status",
		Short: "Say how the POPs of the cluster are",
		Long: "Ask every POP what it serves and whom it hears. A POP that cannot be reached from here is told of by the others. The exit\n" +
			"status is 0 if all are well, 3 if one is behind or nobody hears it, and 5 if no POP answers.",
		Example: "  tinycdn status",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := untilSignal()
			defer stop()
			return status(ctx, file, asJSON, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&asJSON, "json", false, "say it as JSON, an object a line")
	return c
}

// popStatus is how a POP is.
type popStatus struct {
	POP         string         `json:"pop"`
	Generation  uint64         `json:"generation"`
	Hash        string         `json:"hash,omitempty"`
	Since       time.Time      `json:"since,omitzero"`
	Canary      bool           `json:"canary,omitempty"` // that is not served everywhere
	Behind      string         `json:"behind,omitempty"` // for how long
	Reached     bool           `json:"reached"`          // from here
	Heard       bool           `json:"heard"`            // by anybody, lately
	Known       bool           `json:"-"`                // somebody who answers has a row of it
	HeardAgo    string         `json:"heard_ago,omitempty"`
	RTT         map[string]int `json:"rtt_ms"` // to the POPs that it hears, in milliseconds
	NotHeard    []string       `json:"not_heard,omitempty"`
	Free        int64          `json:"free"`
	Used        int64          `json:"used"` // of Disk, by all generations
	Disk        int64          `json:"disk"`
	Certificate string         `json:"certificate,omitempty"` // the one that expires first
	Until       time.Time      `json:"until,omitzero"`        // when it does
	Load        float64        `json:"load"`                  // questions a second
	Version     string         `json:"version,omitempty"`
	Roster      uint64         `json:"roster"`
	Orders      bool           `json:"orders,omitempty"` // certificates, for all
	Ordering    string         `json:"ordering,omitempty"`
	Failing     string         `json:"failing,omitempty"` // why there is no new one
	Trouble     string         `json:"trouble,omitempty"`
	Unreachable string         `json:"unreachable,omitempty"` // why it is not reached from here
	Drained     *drains.Drain  `json:"drained,omitempty"`     // nil: it is not

	Checks map[string]popCheck `json:"checks,omitempty"` // by POP, what it sees of this one
	Out    map[string]int64    `json:"out,omitempty"`    // the POPs that send nobody to it, and since when, in seconds since 1970
}

func status(ctx context.Context, file string, asJSON bool, w io.Writer) error {
	s, err := join(file)
	if err != nil {
		return err
	}
	defer s.Close()
	states, wrong := s.Status(ctx)
	if len(states) == 0 {
		return exit.With(exit.Unreached, fmt.Errorf("no POP answers: %s", words.Wrong(wrong)))
	}
	best := cluster.Newest(states)
	s.Canary = cluster.CanaryOf(states)
	var all []popStatus
	well := true
	for _, p := range s.Members.POPs {
		one := s.statusOf(p.Name, states, wrong, &best)
		well = well && one.Heard && one.Behind == ""
		all = append(all, one)
	}
	if asJSON {
		for _, one := range all {
			json.NewEncoder(w).Encode(one)
		}
	} else if err := printStatus(all, w); err != nil {
		return err
	}
	if s.Canary.Stands() && !asJSON {
		fmt.Fprintln(w, canaryWords(&s.Canary))
	}
	if !well {
		return exit.With(exit.Partly, nil)
	}
	return nil
}

// freshTime is how long ago a POP that is well has said something new to the others: three exchanges and a bit.
const freshTime = 20 * time.Second

func (s *session) statusOf(name string, states map[string]cluster.Status, wrong map[string]error, best *commit.Commit) popStatus {
	row, known := rowsOf(states)[name]
	one := popStatus{
		POP: name, Drained: drainOf(name, states), Known: known, Since: row.Since, Free: row.Free, Used: row.Used, Disk: row.Disk,
		Certificate: row.Report.Certificate, Until: row.Report.Until, Load: row.Report.Load, Version: row.Version, Roster: row.Roster,
		Trouble: row.Trouble, RTT: map[string]int{},
	}
	if row.Serving.Number > 0 {
		one.Generation, one.Hash = row.Serving.Number, row.Serving.Hash.String()
	}
	if o := row.Report.Orders; o != nil {
		one.Orders, one.Ordering, one.Failing = o.Orderer == name, o.Ordering, o.Failing
	}
	one.Checks, one.Out = checksOf(name, rowsOf(states))
	_, one.Reached = states[name]
	if one.Heard = one.Reached; !one.Reached {
		one.Unreachable = wrong[name].Error()
		age := time.Duration(-1)
		for _, other := range states {
			if by, is := other.Age[name]; is && (age < 0 || by < age) {
				age = by
			}
		}
		if one.Heard = age >= 0 && age < freshTime; age >= 0 {
			one.HeardAgo = words.Span(age)
		}
	}
	if one.Trouble == "" {
		one.Trouble = row.Report.Trouble
	} else if row.Report.Trouble != "" {
		one.Trouble += "; " + row.Report.Trouble
	}
	target, since := best.ID, best.Time
	if one.Canary = s.Canary.At(name); one.Canary {
		target, since = s.Canary.ID, s.Canary.Time
	}
	if known && row.Serving != target {
		one.Behind = words.Span(time.Since(since))
	}
	for _, other := range s.Members.POPs {
		link := row.Hears[other.Name]
		switch {
		case other.Name == name:
		case link.Error == "" && !link.Heard.IsZero():
			one.RTT[other.Name] = int(link.RTT.Milliseconds())
		case known:
			one.NotHeard = append(one.NotHeard, other.Name)
		}
	}
	return one
}

// drainOf is the last word on a POP if it is drained by that; nil: it is not.
func drainOf(name string, states map[string]cluster.Status) *drains.Drain {
	var last drains.Drain
	for by, state := range states {
		for _, d := range state.Rows[by].Drains {
			if d.POP == name && d.Number >= last.Number {
				last = d
			}
		}
	}
	if !last.Holds() {
		return nil
	}
	return &last
}
