// Package publishing brings a folder to the POPs of a cluster, and what was published back: the laptop's side of it.
package publishing

import (
	"io"

	"tinycdn/cmd/tinycdn/compare"
	"tinycdn/cmd/tinycdn/session"
)

// Options are how somebody publishes.
type Options struct {
	Note    string   // for the history
	Dry     bool     // only say what would change
	Yes     bool     // also if much would be gone
	JSON    bool     // say how it goes as JSON, an object a line
	Over    uint64   // a generation of somebody else that this folder need not come from; 0: none
	Without []string // POPs that are not waited for
	Seen    uint64   // what was live when it was looked at, for rollback: if another is by now, nothing is done; 0: any may be
	Only    []string // the POPs that serve it, as a canary; none: all do
}

// publication is something that is being published, and told.
type publication struct {
	*session.Session
	*Options
	say *telling

	came  *compare.Audience // in the last days; nil: that is asked,
	stats Statistics        // namely here, where there is no session
}

// begin is for somebody who publishes.
func begin(s *session.Session, o *Options, w io.Writer) *publication {
	s.Without, s.Publisher.Only, s.AnyLoss, s.Publishes = o.Without, o.Only, o.Yes, true
	return &publication{Session: s, Options: o, say: newTelling(w, o.JSON)}
}
