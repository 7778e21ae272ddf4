package page

import (
	"fmt"
	"html"
	"net/http"
)

// Plain is a page of few words, for when a site has none of its own: "Not Found".
func Plain(status int, more ...Field) *Page {
	text := fmt.Sprintf("%d %s", status, http.StatusText(status))
	body := "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n" +
		"<meta name=\"color-scheme\" content=\"light dark\">\n<title>" + text + "</title>\n<h1>" + text + "</h1>\n"
	header := append([]Field{{"Content-Type", "text/html; charset=utf-8"}, {"Cache-Control", ErrorCacheControl(status)}}, more...)
	return New(Response{Status: status, Header: header, Body: []byte(body), ShortLived: true})
}

// ServeHTTP writes the page as it is, for who has no other way to send it.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := p.Negotiate("")
	v.Head.SetIn(w.Header())
	w.WriteHeader(p.Status)
	if r.Method != http.MethodHead {
		w.Write(v.Body)
	}
}

// NoStore is a page that holds for this moment.
func NoStore(status int, mediaType string, body []byte) *Page {
	return New(Response{Status: status, Body: body, ShortLived: true, Header: []Field{{"Content-Type", mediaType}, {"Cache-Control", "no-store"}}})
}

// NotAllowed answers methods other than those allowed (RFC 9110, 15.5.6): "GET, HEAD".
func NotAllowed(allow string) *Page {
	return Plain(http.StatusMethodNotAllowed, Field{"Allow", allow})
}

// Redirect sends to another place. A location that starts with a slash stays on the host and scheme that was asked.
func Redirect(status int, location string) *Page {
	body := fmt.Sprintf("<!doctype html>\n<title>Moved</title>\n<a href=\"%s\">Moved</a>\n", html.EscapeString(location))
	return New(Response{
		Status:     status,
		Header:     []Field{{"Content-Type", "text/html; charset=utf-8"}, {"Location", location}, {"Cache-Control", redirectCacheControl}},
		Body:       []byte(body),
		ShortLived: true,
	})
}
