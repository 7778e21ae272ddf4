// Package webserver serves the pages of this POP's sites over HTTP/1.1, HTTP/2 and HTTP/3, from memory.
package webserver

import (
	"net/http"

	"tinycdn/webserver/page"
)

// Site is where the pages of some hosts come from: a folder of Markdown (content), a finished folder (files), or an
// application (origin).
type Site interface {
	// Answer gives the page for a request, or the handler that writes what is no page. The request's host is one of the
	// site's, and its path begins with a slash and holds no dot segment, no encoded slash and no control character.
	Answer(r *http.Request) page.Answer

	// Error is the site's own page for a status of 400 and above, or nil if it has none.
	Error(status int) *page.Page

	// Health is nil if the site can serve, else why it cannot.
	Health() error
}
