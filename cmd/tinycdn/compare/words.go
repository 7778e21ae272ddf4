package compare

import (
	"fmt"
	"strings"
)

// few is how many changes are told of one file.
const few = 5

// Of says in words what differs in a file; "": nothing that is known.
func (d *Difference) Of(file, config string) string {
	var parts []string
	if file == config {
		for _, s := range d.Settings {
			parts = append(parts, s.String())
		}
		return joined(parts, 0)
	}
	for _, z := range d.Zones {
		if z.File == file {
			parts = append(parts, z.String())
		}
	}
	return strings.Join(parts, "; ")
}

// String says in words how a zone differs.
func (z *Zone) String() string {
	switch {
	case z.Error != "":
		return "its records cannot be compared: " + z.Error
	case z.Was == nil:
		return fmt.Sprintf("new zone %s: %s", z.Zone, records(*z.Is))
	case z.Is == nil:
		return fmt.Sprintf("zone %s is gone: %s", z.Zone, records(*z.Was))
	case len(z.Changes) == 0:
		return "no record differs"
	}
	var parts []string
	for _, c := range z.Changes {
		parts = append(parts, c.String())
	}
	return joined(parts, z.More)
}

// joined is the beginning of a list, and how many more there are.
func joined(parts []string, more int) string {
	if len(parts) > few {
		parts, more = parts[:few], more+len(parts)-few
	}
	text := strings.Join(parts, ", ")
	if more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

func records(n int) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}
