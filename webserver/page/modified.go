package page

import (
	"net/http"
	"time"
)

// earliest is what a file's time must reach to say anything: reproducible builds give all files one of 1970, 1980 or 1985.
var earliest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// LastModified is when something changed that lies in a file of this time, in whole seconds; zero: its time says nothing.
// RFC 9110, 8.8.2.1: it must not be later than now.
func LastModified(ofFile, now time.Time) time.Time {
	second := ofFile.UTC().Truncate(time.Second)
	if second.Before(earliest) || second.After(now) {
		return time.Time{}
	}
	return second
}

// IsOld says whether a time is one that build tools give to everything.
func IsOld(ofFile time.Time) bool { return ofFile.Before(earliest) }

// UnchangedSince says whether whoever has the page of that time has this one (RFC 9110, 13.1.3).
func (p *Page) UnchangedSince(since time.Time) bool {
	return !p.Modified.IsZero() && (p.Modified.Equal(since) || !p.response.OfFile && p.Modified.Before(since))
}

// At is the page as of another time, in whole seconds, with the codings that it has. A page of an error has no time.
func (p *Page) At(modified time.Time) *Page {
	if p.Status != http.StatusOK || p.Modified.Equal(modified) {
		return p
	}
	next := &Page{Status: p.Status, Modified: modified, response: p.response, packs: p.packs}
	next.response.Modified = modified
	tried := p.tried.Load() // first: what is made meanwhile is made again
	for c := range p.ready {
		if v := p.ready[c].Load(); v != nil && (Coding(c) == Identity || tried&(1<<c) != 0) {
			next.ready[c].Store(next.variant(v.Coding, v.Body))
		}
	}
	next.tried.Store(tried)
	return next
}
