package cache

import (
	"net/http"
	"strings"
)

// Storable says whether a response to a GET may be kept and given to others (RFC 9111, 3). Beyond the RFC it refuses
// Set-Cookie, which is meant for one visitor whatever Cache-Control says; and of what does not say how long it is fresh
// (which is kept to be confirmed, and for when the origin is down) it refuses what was asked for with a Cookie, or with
// a field that not every visitor sends, such as X-Api-Key: that is likely to be somebody's own page.
func Storable(request http.Header, status int, response http.Header) bool {
	said := ParseResponse(response)
	switch {
	case said.Private, ParseRequest(request).NoStore:
		return false
	case status < 200, status == http.StatusPartialContent, status == http.StatusNotModified, refusal(status):
		return false
	case said.MustUnderstand:
		// RFC 9111, 5.2.2.3: no-store is for those who do not know the status.
		if !understood(status) {
			return false
		}
	case said.NoStore:
		return false
	}
	if request["Authorization"] != nil && !said.Public && !said.MustRevalidate && said.SharedMaxAge == absent {
		return false // RFC 9111, 3.5
	}
	if response["Set-Cookie"] != nil || !selectable(response) {
		return false
	}
	if explicit(&said, response) {
		return true
	}
	return lasting(status) && anonymous(request)
}

// refusal says whether a status tells that a request was not understood, whatever page it was for: by an odd field of one
// visitor, that would become everybody's.
func refusal(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong, http.StatusRequestHeaderFieldsTooLarge:
		return true
	}
	return false
}

// anonymous says whether a request has no field that could tell who asks: none but those that browsers and crawlers send
// to everybody, and those that we write ourselves.
func anonymous(request http.Header) bool {
	for name := range request {
		switch name {
		case "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Cache-Control", "Dnt", "From", "If-Modified-Since",
			"If-None-Match", "Origin", "Pragma", "Priority", "Purpose", "Referer", "Save-Data", "Upgrade-Insecure-Requests",
			"User-Agent", "Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto":
		default:
			if !strings.HasPrefix(name, "Sec-") {
				return false
			}
		}
	}
	return true
}

// explicit says whether a response tells how long it is fresh.
func explicit(said *CacheControl, response http.Header) bool {
	return said.SharedMaxAge != absent || said.MaxAge != absent || response["Expires"] != nil
}

// understood says whether we know how to cache a status: all those of RFC 9110, 15 that are final.
func understood(status int) bool { return http.StatusText(status) != "" && status >= 200 }

// lasting says whether a status may be kept when the response does not say so (RFC 9110, 15.1), as far as that is of use.
func lasting(status int) bool {
	switch status {
	case 200, 203, 300, 301, 308, 404, 410:
		return true
	}
	return false
}

// ofConnection are the fields that concern one connection (RFC 9110, 7.6.1), or one proxy (RFC 9111, 3.1).
var ofConnection = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "Proxy-Connection",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// RemoveHopByHop takes the fields away that are not to be forwarded, and those that Connection names.
func RemoveHopByHop(header http.Header) {
	for _, field := range header["Connection"] {
		for name := range strings.SplitSeq(field, ",") {
			header.Del(strings.Trim(name, " \t"))
		}
	}
	for _, name := range ofConnection {
		delete(header, name)
	}
}

// Update puts the fields of a 304 in place of those of the stored response (RFC 9111, 3.2), in a new header. What
// describes the stored bytes stays, and the tag, by which they were confirmed. What dates the response is of the last
// message alone: an Age of the first, or its Date, would make what was just confirmed old again (4.2.3, 4.3.4).
func Update(stored, fresh http.Header) http.Header {
	updated := stored.Clone()
	delete(updated, "Date")
	delete(updated, "Age")
	for name, values := range fresh {
		switch name {
		case "Content-Length", "Content-Encoding", "Content-Range", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest", "Etag":
		default:
			updated[name] = values
		}
	}
	return updated
}
