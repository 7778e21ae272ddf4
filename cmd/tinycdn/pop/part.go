package pop

import (
	"log/slog"
	"reflect"
	"time"

	"tinycdn/zones/diag"
)

// part is one of the things that a Generation is made of: maps, a zone, a site, certificates.
type part[In any, V comparable] struct {
	in             In // the settings that it was made by
	diag.Loaded[V]    // Value is what is served
	since          time.Time
	kept           bool      // Value is from before: of what the files hold now, nothing can be served
	stale          time.Time // since when; zero: it is not, and there is something to serve
	copied         time.Time // of what Value was read: a copy of files of that time; zero: it was no copy
	changing       time.Time // since when its files change while they are read, each time; zero: they do not
	effect         string    // of the problems
}

// effects say what problems do: the value stays that was there before, there is none, or all but what is wrong is served.
type effects struct{ kept, none, rest string }

// take makes a part of what was loaded. Where that is no use, what was served before stays; before may be nil.
func take[In any, V comparable](in In, loaded diag.Loaded[V], before *part[In, V], e effects) *part[In, V] {
	p := &part[In, V]{in: in, Loaded: loaded, since: time.Now(), effect: e.rest}
	var none, last V
	if before != nil {
		last = before.Value
	}
	switch {
	case p.Value != none:
	case last != none:
		p.Value, p.kept, p.effect = last, true, e.kept
		if p.copied = before.copied; !p.copied.IsZero() {
			p.effect = copyOf(p.copied) + " is served"
		}
	default:
		p.effect = e.none
	}
	if p.Value != none && p.Value == last {
		p.since = before.since
	}
	if p.kept || p.Value == none {
		if p.stale = p.since; p.kept {
			p.stale = time.Now()
		}
		if before != nil && !before.stale.IsZero() {
			p.stale = before.stale
		}
	}
	return p
}

// madeOf says whether the part was made by these settings, of files that are still as they were.
func (p *part[In, V]) madeOf(in In) bool {
	return p != nil && p.Files != nil && reflect.DeepEqual(p.in, in) && p.Files.Unchanged()
}

// waits says whether the part, made by these settings, stays as it is because its files are still being written.
func (p *part[In, V]) waits(in In, patience *patience) bool {
	return p != nil && p.Files != nil && reflect.DeepEqual(p.in, in) && !patience.settled(p.Files)
}

// findings are what there is to report of the part.
func (p *part[In, V]) findings() []Finding {
	return append(findings(slog.LevelError, p.Problems, p.effect), findings(slog.LevelWarn, p.Notes, "")...)
}
