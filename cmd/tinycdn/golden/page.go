package golden

import (
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"tinycdn/zones/diag"
)

// Page is a page that is asked for at each POP, and what must come. What is nil or empty may be anything.
type Page struct {
	URL         *url.URL
	Status      int               // 0: any below 400
	Header      map[string]string // by canonical name; a value that ends in * is the beginning of it
	Contains    []string
	Certificate *int // it must hold for so many days yet
}

func (r *reader) page(t *Test, w *writtenTest) {
	t.Page = &Page{URL: &url.URL{}, Header: map[string]string{}, Contains: w.Contains, Certificate: w.Certificate}
	u, err := url.Parse(w.URL)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		r.wrong("url", `%q is not the address of a page, such as "https://www.example.org/"`, w.URL)
	case u.User != nil:
		r.wrong("url", "a password has no place in a file of tests")
	default:
		t.Page.URL = u
		if w.Certificate != nil && u.Scheme != "https" {
			r.wrong("certificate", "a page over http has none: write https:// in url")
		}
	}
	if w.Certificate != nil && (*w.Certificate < 0 || *w.Certificate > 3650) {
		r.wrong("certificate", "want how many days it must hold yet, not %d", *w.Certificate)
	}
	if w.Status != nil {
		if t.Page.Status = *w.Status; *w.Status < 200 || *w.Status > 599 {
			r.wrong("status", "%d is not a status of a page, such as 200", *w.Status)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(w.Header)) {
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		if strings.ContainsAny(name, " :\t\r\n") || name == "" {
			r.wrong("header", "%q is not the name of a header%s", name, diag.DidYouMean(strings.Trim(name, " :"), usualHeaders))
		}
		t.Page.Header[canonical] = w.Header[name]
	}
}

var usualHeaders = []string{"Cache-Control", "Content-Type", "ETag", "Location", "Server", "Strict-Transport-Security"}

// network is what it is asked for over: "https", or "https:8443" where the port is another one.
func (p *Page) network() string {
	if p.URL.Port() != "" {
		return p.URL.Scheme + ":" + p.URL.Port()
	}
	return p.URL.Scheme
}

// wantStatus says which statuses will do.
func (p *Page) statusIs(status int) bool {
	if p.Status == 0 {
		return status < http.StatusBadRequest
	}
	return status == p.Status
}
