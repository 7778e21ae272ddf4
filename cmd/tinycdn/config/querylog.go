package config

import (
	"tinycdn/geodns"
	"tinycdn/zones/diag"
)

// checkQueryLog resolves the paths of what queries are written to.
func (c *checker) checkQueryLog(dns *geodns.Config) {
	if dns.QueryLog != "" && dns.QueryLog != "-" {
		dns.QueryLog = c.config.resolve(dns.QueryLog)
		c.checkLogFolder(dns.QueryLog, diag.At("dns", "query_log"), "there is no query log")
	}
	if dns.QueryLog == "" && c.config.doc.Node("dns", "query_log_sample") != nil {
		c.note(diag.At("dns", "query_log_sample"), "it has no effect without query_log")
	}
	if dns.DNSTap != "" {
		dns.DNSTap = c.socket(dns.DNSTap, diag.At("dns", "dnstap"))
	}
}
