package config

import (
	"strconv"

	"tinycdn/cmd/tinycdn/notify"
	"tinycdn/zones/diag"
	"tinycdn/zones/health"
)

func (c *checker) checkHealth() {
	h := &c.config.Health
	h.Check(c.below("health"))
	for i, text := range h.Notify {
		if _, err := notify.Parse(text); err != nil {
			c.wrong(diag.At("health", "notify", strconv.Itoa(i)), "%v", err)
		}
	}
	if h.Page != health.OwnPage && len(c.config.Sites) == 0 && h.PageOf("", false) == nil {
		c.note(diag.At("health", "page"), `there is no site whose page this could be, so that only nameservers are looked at (did you mean "https://www.example.org%s"?)`, h.Page)
	}
}

// ChecksHealth says whether this POP checks the others. One without a cluster is asked to: its answers would change by what it alone sees.
func (c *Config) ChecksHealth(inCluster bool) bool {
	return c.Health.On && (inCluster || c.doc.Node("health") != nil)
}
