package visits

import "tinycdn/zones/diag"

// Config is [stats]: how many look at the pages, and from where, and how many DNS queries there are. The section may be empty; without it nothing is counted. Nothing that
// could tell who somebody was is written down.
type Config struct {
	// how many days are kept. Left out: 400
	Days int `toml:"days"`
	// whether visitors are counted beside views, by a hash whose key is forgotten at the end of the day. Left out: `true`
	Visitors bool `toml:"visitors"`
}

// mostDays that may be kept: ten years.
const mostDays = 3660

// SetDefaults makes c what holds where a configuration says nothing.
func (c *Config) SetDefaults() { c.Days, c.Visitors = 400, true }

// Check reports what is wrong with c, at the keys below it.
func (c *Config) Check(report diag.Report) {
	if c.Days < 1 || c.Days > mostDays {
		report(diag.At("days"), "%d is no number of days to keep: want 1 to %d", c.Days, mostDays)
	}
}
