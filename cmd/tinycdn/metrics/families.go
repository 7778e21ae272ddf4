// Package metrics says in Prometheus' words what a POP has counted.
package metrics

// Kind is how the values of a family go.
type Kind uint8

const (
	Counter   Kind = iota // up, since the start
	Gauge                 // up and down
	Histogram             // into buckets, with a sum and a count
)

// String is what Prometheus calls it.
func (k Kind) String() string { return [...]string{"counter", "gauge", "histogram"}[k] }

// Family is what is measured under one name.
type Family struct {
	Name   string
	Kind   Kind
	Help   string
	Labels []string // in the order in which their values are given
}

// Families are all that there are. None has a label whose values a visitor may choose.
var Families = []Family{
	{"tinycdn_info", Gauge, "1, with which POP and which version of tinycdn this is.", []string{"pop", "version"}},
	{"tinycdn_start_time_seconds", Gauge, "When this POP has begun, in seconds since 1970.", nil},

	{"tinycdn_dns_queries_total", Counter, "Queries by type, RCODE, transport and whether they had a client subnet (ECS).", []string{"pop", "type", "rcode", "transport", "ecs"}},
	{"tinycdn_dns_zone_queries_total", Counter, "Queries that were looked up, by zone and RCODE; the first 200 zones have a line of their own.", []string{"pop", "zone", "rcode"}},
	{"tinycdn_dns_country_queries_total", Counter, "Queries that were looked up, by the country of whom the answer was for, estimated from one in 16.", []string{"pop", "country"}},
	{"tinycdn_dns_dropped_total", Counter, "Messages that were no query, and got silence.", []string{"pop", "transport"}},
	{"tinycdn_dns_limited_total", Counter, "Questions over UDP beyond the limit (dns.rrl), by what came of them.", []string{"how"}},
	{"tinycdn_dns_log_dropped_total", Counter, "Queries that were not written to the query log (dns.query_log) or told to the reader of dns.dnstap, for want of room or of a reader.", []string{"log"}},
	{"tinycdn_dns_response_seconds", Histogram, "Time from a query received to its answer handed to the kernel, of one batch in 16.", []string{"pop", "transport"}},

	{"tinycdn_http_requests_total", Counter, "Responses by site and status.", []string{"site", "status"}},
	{"tinycdn_http_cache_total", Counter, "Responses by site and by how they came about.", []string{"site", "result"}},
	{"tinycdn_http_body_bytes_total", Counter, "Bytes of bodies sent, by site.", []string{"site"}},
	{"tinycdn_http_generation_seconds", Histogram, "Time from the request parsed to the body ready.", []string{"site"}},
	{"tinycdn_http_connections_open", Gauge, "Connections that are open.", nil},
	{"tinycdn_http_connections_idle", Gauge, "Those of them without a request.", nil},
	{"tinycdn_http_connections_admitted_total", Counter, "Connections that were let in.", nil},
	{"tinycdn_http_connections_shed_total", Counter, "Connections that were closed for new ones.", nil},

	{"tinycdn_ok", Gauge, "Whether it is served.", []string{"kind", "name"}},
	{"tinycdn_fresh", Gauge, "Whether it is served as its files or its application have it by now.", []string{"kind", "name"}},
	{"tinycdn_since_seconds", Gauge, "Since when it is served as it is, in seconds since 1970.", []string{"kind", "name"}},
	{"tinycdn_serial", Gauge, "Serial number of a zone.", []string{"kind", "name"}},
	{"tinycdn_certificate_expiry_seconds", Gauge, "Until when a certificate holds, in seconds since 1970.", []string{"name"}},
	{"tinycdn_database_built_seconds", Gauge, "Of when the data of a database are, in seconds since 1970.", []string{"name"}},
	{"tinycdn_table_compiled_seconds", Gauge, "When the tables of addresses were made of them, in seconds since 1970.", nil},

	{"tinycdn_reloads_total", Counter, "Reloads by what came of them: all was taken over, or something was wrong and stayed as it was.", []string{"result"}},
	{"tinycdn_reload_seconds", Gauge, "How long the last reload took that had something to take over; 0: there was none.", nil},
	{"tinycdn_generation", Gauge, "Number of the generation of a cluster: the one that is served here, and the one that is to be.", []string{"which"}},
	{"tinycdn_pop_up", Gauge, "Whether visitors are sent to a POP, as far as this one knows: 0, it is down.", []string{"name"}},
	{"tinycdn_pop_drained", Gauge, "Whether a POP is drained, as far as this one knows.", []string{"name"}},
}
