package page

import "net/http"

// Answer is what a site has for a request: a page, or for what cannot be packed, somebody who writes it. The zero Answer
// declines: the request has to be asked again with all that there is of it.
type Answer struct {
	Page   *Page
	Stream http.Handler // if there is no Page
	Cache  Outcome
	// Overlay are fields of what is at this path; nil: it has those of its site alone. Many pages may share one.
	Overlay *Overlay
	Done    func() // to be called once the visitor has the page; nil: nobody waits for that
}

// Overlay are fields that a site gives some of its pages, in place of those that all its pages have. A value "" takes one
// away. It is shared: nobody changes it.
type Overlay struct{ Fields []Field }

// Declined says that there is neither.
func (a *Answer) Declined() bool { return a.Page == nil && a.Stream == nil }

// Ready answers with a page that was there.
func Ready(p *Page) Answer { return Answer{Page: p, Cache: WasThere} }

// Outcome says how an answer came about.
type Outcome struct {
	// Status is what Cache-Status says behind the cache's name (RFC 9211): "hit", "hit; ttl=30", "fwd=uri-miss; stored".
	Status string
	// Result is the same in one word, for Server-Timing, logs and counters.
	Result Result
	// Age in seconds since the origin made or confirmed the response (RFC 9111, 5.1).
	Age int
}

// Result is an outcome in one word.
type Result uint8

// The ways in which an answer comes about.
const (
	Hit   Result = iota // it was there
	Miss                // it was made, or fetched from the origin, just now
	Stale               // it was there, past its time, and is better than nothing or than waiting
	Renew               // it was there, and the origin confirmed that it still holds
	Pass                // no cache may keep it: it passes through
	Results
)

var resultNames = [Results]string{"hit", "miss", "stale", "revalidated", "pass"}

func (r Result) String() string { return resultNames[r] }

// The outcomes of sites that make their own pages.
var (
	WasThere = Outcome{Status: "hit", Result: Hit}
	MadeNow  = Outcome{Status: "fwd=uri-miss; stored", Result: Miss}
	FromDisk = Outcome{Status: "fwd=bypass", Result: Pass}
)
