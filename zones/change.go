package zones

import (
	"fmt"

	"tinycdn/zones/records"
)

// Difference is how a zone differs from what it was, by its records.
type Difference struct {
	Zone    string   `json:"zone"`
	Was     *int     `json:"was"` // records; null: there was no such zone
	Is      *int     `json:"is"`  // null: there is none any more
	Changes []Change `json:"changes"`
	More    int      `json:"more,omitempty"` // changes that are only counted
}

// Change is a record that was not there before (it has no Was), is no longer there (it has no Is), or says something else; or the TTL
// of records.
type Change struct {
	Name    string `json:"name"`               // in the zone: "www", "@"
	Type    string `json:"type,omitempty"`     // "geo": what Was and Is name is a map; "": it is the TTL of all that the name has
	WasType string `json:"was_type,omitempty"` // if that is another
	Was     string `json:"was,omitempty"`
	Is      string `json:"is,omitempty"`
	TTL     *TTLs  `json:"ttl,omitempty"`

	alone bool // the name has no other type
}

// TTLs are a TTL before and after, in seconds.
type TTLs struct {
	Was uint32 `json:"was"`
	Is  uint32 `json:"is"`
}

// String says it in words: "+ www AAAA 2001:db8::1", "www: ttl 300 -> 60".
func (c Change) String() string {
	was, is := shortened(c.Was), shortened(c.Is)
	switch {
	case c.TTL != nil && (c.alone || c.Type == ""):
		return fmt.Sprintf("%s: ttl %d -> %d", c.Name, c.TTL.Was, c.TTL.Is)
	case c.TTL != nil:
		return fmt.Sprintf("%s %s: ttl %d -> %d", c.Name, c.Type, c.TTL.Was, c.TTL.Is)
	case c.Was == "":
		return fmt.Sprintf("+ %s %s %s", c.Name, c.Type, is)
	case c.Is == "":
		return fmt.Sprintf("- %s %s %s", c.Name, c.Type, was)
	case c.WasType != "":
		return fmt.Sprintf("%s: %s %s -> %s %s", c.Name, c.WasType, was, c.Type, is)
	case c.Type == records.TypeText(records.TypeGeo):
		return fmt.Sprintf("geo name %s: map %s -> %s", c.Name, was, is)
	}
	return fmt.Sprintf("%s %s: %s -> %s", c.Name, c.Type, was, is)
}

// shortened is data that fits a line beside others.
func shortened(data string) string {
	const most = 80
	if len(data) > most {
		return data[:most] + "..."
	}
	return data
}
