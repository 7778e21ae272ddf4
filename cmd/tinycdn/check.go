package main

import (
	"fmt"
	"io"
	"time"

	"tinycdn/zones"
)

// check loads everything as serve would, and prints every mistake in a line of its own. It says whether there is none.
func check(path string, w io.Writer) bool {
	next := (&loader{path: path}).read(false)
	problems := append(next.problems, next.bad...)
	if len(problems) == 0 {
		// Only now is it known that all of it fits together.
		if err := (&loader{path: path}).adopt(next, zones.NewStore()); err != nil {
			problems = append(problems, zones.Problem{File: path, Text: err.Error()})
		}
	}
	for _, p := range problems {
		fmt.Fprintln(w, p)
	}
	if len(problems) > 0 {
		return false
	}
	records := 0
	for _, z := range next.zones {
		records += z.Zone.Records
	}
	fmt.Fprintf(w, "%s: fine: %d POPs, %d maps, %d zones with %d records\n", path, len(next.config.POPs), len(next.config.Maps), len(next.zones), records)
	for _, info := range next.geo.infos {
		fmt.Fprintf(w, "%s: %s of %s\n", info.Path, info.Type, info.Built.Format(time.DateOnly))
	}
	return true
}
