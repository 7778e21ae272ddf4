package status

import (
	"maps"
	"slices"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// Rows are the newest rows of all POPs: what one that answers says of itself, and of the others what anybody tells. A POP that has just
// started counts from nothing.
func Rows(states map[string]cluster.Status) map[string]cluster.Row {
	rows := map[string]cluster.Row{}
	for _, s := range states {
		for name, row := range s.Rows {
			if old, is := rows[name]; !is || row.Counter > old.Counter {
				rows[name] = row
			}
		}
	}
	for name, s := range states {
		rows[name] = s.Rows[name]
	}
	return rows
}

// Down are the POPs that did not answer, and to which most of those that did send nobody.
func Down(states map[string]cluster.Status, wrong map[string]error) map[string]bool {
	down, rows := map[string]bool{}, Rows(states)
	for name := range wrong {
		_, out := checksOf(name, rows)
		maps.DeleteFunc(out, func(by string, _ int64) bool { return wrong[by] != nil })
		down[name] = 2*len(out) > len(states)
	}
	return down
}

// ServedBy are the POPs that serve a generation.
func ServedBy(rows map[string]cluster.Row, id manifest.ID) []string {
	at := []string{}
	for name, row := range rows {
		if row.Serving == id {
			at = append(at, name)
		}
	}
	slices.Sort(at)
	return at
}
