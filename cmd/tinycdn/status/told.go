package status

import (
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/commit"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/words"
)

// freshTime is how long ago a POP that is well has said something new to the others: three exchanges and a bit.
const freshTime = 20 * time.Second

// told is what the POPs that answer tell, and why others do not.
type told struct {
	states map[string]cluster.Status
	rows   map[string]cluster.Row // the newest of each POP
	wrong  map[string]error
	live   commit.Commit // should be served, where there is no canary
	canary commit.Canary
}

// of is how a POP is, as they tell.
func (t *told) of(name string, members *roster.Roster) popStatus {
	row, known := t.rows[name]
	one := popStatus{
		POP: name, Drained: drainOf(name, t.states), Known: known, Since: row.Since, Free: row.Free, Used: row.Used, Disk: row.Disk,
		Certificate: row.Report.Certificate, Until: row.Report.Until, Load: row.Report.Load, Version: row.Version, Roster: row.Roster,
		Trouble: row.Trouble,
	}
	if row.Serving.Number > 0 {
		one.Generation, one.Hash = row.Serving.Number, row.Serving.Hash.String()
	}
	if o := row.Report.Orders; o != nil {
		one.Orders, one.Ordering, one.Failing = o.Orderer == name, o.Ordering, o.Failing
	}
	if one.Trouble == "" {
		one.Trouble = row.Report.Trouble
	} else if row.Report.Trouble != "" {
		one.Trouble += "; " + row.Report.Trouble
	}
	one.Checks, one.Out = checksOf(name, t.rows)
	one.RTT, one.NotHeard = hears(name, &row, known, members)
	t.reach(&one)
	target, since := t.live.ID, t.live.Time
	if one.Canary = t.canary.At(name); one.Canary {
		target, since = t.canary.ID, t.canary.Time
	}
	if known && row.Serving != target {
		one.Behind = words.Span(time.Since(since))
	}
	return one
}

// reach says whether a POP is reached from here, or else heard by another.
func (t *told) reach(one *popStatus) {
	_, one.Reached = t.states[one.POP]
	if one.Heard = one.Reached; one.Reached {
		return
	}
	one.Unreachable = t.wrong[one.POP].Error()
	age := time.Duration(-1)
	for _, other := range t.states {
		if by, is := other.Age[one.POP]; is && (age < 0 || by < age) {
			age = by
		}
	}
	if one.Heard = age >= 0 && age < freshTime; age >= 0 {
		one.HeardAgo = words.Span(age)
	}
}

// hears are the others that a POP hears, and how far they are in milliseconds, and those that it does not hear.
func hears(name string, row *cluster.Row, known bool, members *roster.Roster) (rtt map[string]int, not []string) {
	rtt = map[string]int{}
	for _, other := range members.POPs {
		link := row.Hears[other.Name]
		switch {
		case other.Name == name:
		case link.Error == "" && !link.Heard.IsZero():
			rtt[other.Name] = int(link.RTT.Milliseconds())
		case known:
			not = append(not, other.Name)
		}
	}
	return rtt, not
}
