// Package status says how the POPs of a cluster are.
package status

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/words"
)

// Write asks the POPs of a cluster how they are, and says so, as a table or as JSON, an object a line.
func Write(ctx context.Context, p *cluster.Publisher, asJSON bool, w io.Writer) error {
	states, wrong := p.Status(ctx)
	if len(states) == 0 {
		return exit.With(exit.Unreached, fmt.Errorf("no POP answers: %s", words.Wrong(wrong)))
	}
	t := told{states, Rows(states), wrong, cluster.Newest(states), cluster.CanaryOf(states)}
	var all []popStatus
	well := true
	for _, member := range p.Members.POPs {
		one := t.of(member.Name, p.Members)
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
	if t.canary.Stands() && !asJSON {
		fmt.Fprintln(w, CanaryText(&t.canary))
	}
	if !well {
		return exit.With(exit.Partly, nil)
	}
	return nil
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

// CanaryText says where a canary is, and for how long.
func CanaryText(c *commit.Canary) string {
	return fmt.Sprintf("generation %d is a canary at %s for %s", c.ID.Number, strings.Join(c.POPs, ", "), words.Span(time.Since(c.Time)))
}
