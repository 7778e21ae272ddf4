package status

import (
	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/drains"
	"tinycdn/cmd/tinycdn/words"
)

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

// DrainText says how a POP is drained.
func DrainText(d *drains.Drain) string {
	text := "drained"
	if d.For > 0 {
		text += " for another " + words.Span(d.Left)
	}
	return text + ", by " + words.Line(d.By)
}
