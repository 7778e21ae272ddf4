package cache

import (
	"net/http"
	"net/url"
	"strings"
)

// Invalidated lists the targets (path and query) on the same host that a response to an unsafe method makes invalid
// (RFC 9111, 4.4): the one that was asked, Location and Content-Location. host is that of the request as it was sent.
func Invalidated(method, host string, target *url.URL, status int, response http.Header) []string {
	if Safe(method) || status < 200 || status >= 400 {
		return nil
	}
	all := []string{target.RequestURI()}
	for _, name := range [...]string{"Location", "Content-Location"} {
		there, err := target.Parse(response.Get(name))
		if err != nil || response.Get(name) == "" {
			continue
		}
		if there.Host == "" || strings.EqualFold(there.Host, host) {
			all = append(all, there.RequestURI())
		}
	}
	return all
}

// Safe says whether a method changes nothing (RFC 9110, 9.2.1).
func Safe(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "TRACE":
		return true
	}
	return false
}
