package geoip

import "strconv"

// Config says where locations come from. The comments of what has a key are the manual.
type Config struct {
	// MMDB files; the first that knows a thing decides, so City and ASN files add up. Left out: the built-in table
	Databases []string `toml:"databases"`
}

// Check reports what is wrong with c, at the keys below it.
func (c Config) Check(report func(keys []string, format string, args ...any)) {
	for i, path := range c.Databases {
		if path == "" {
			report([]string{"databases", strconv.Itoa(i)}, "the path is empty")
		}
	}
}

// Open opens the databases. The error is that of the function Open.
func (c Config) Open() (*Databases, error) {
	if len(c.Databases) == 0 {
		return BuiltIn()
	}
	return Open(c.Databases)
}
