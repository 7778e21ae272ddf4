package webserver

import (
	"net/http"
	"slices"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// ownHeaders are for the server to get right.
var ownHeaders = []string{
	"Accept-Ranges", "Connection", "Content-Encoding", "Content-Length", "Content-Range", "Content-Type", "Date", "Etag", "Keep-Alive",
	"Last-Modified", "Location", "Server-Timing", "Trailer", "Transfer-Encoding", "Upgrade", "Vary", "Cache-Status", "Age",
}

// checkHeaders reports what is wrong with fields that a site has of its own, at their names.
func checkHeaders(fields []page.Field, report diag.Report) {
	written := map[string]string{} // by canonical name
	for _, field := range fields {
		keys, canonical := diag.At(field.Name), http.CanonicalHeaderKey(field.Name)
		switch {
		case !page.IsFieldName(field.Name):
			report(keys, "%q is not the name of a header field", field.Name)
		case canonical == "Cache-Control":
			report(keys, "Cache-Control is set by path, in [sites.NAME.cache_control]")
		case slices.Contains(ownHeaders, canonical):
			report(keys, "%s is set by the server, for each response", canonical)
		}
		page.CheckField(keys, field.Value, report)
		if first, twice := written[canonical]; twice {
			report(keys, "the same field as %q", first)
		}
		written[canonical] = field.Name
	}
}
