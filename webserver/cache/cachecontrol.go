// Package cache holds the rules of a shared HTTP cache (RFC 9111, RFC 5861): what may be stored, how long it is fresh, and
// what it may be used for. It is told headers and times, and does nothing itself.
package cache

import (
	"net/http"
	"strings"
	"time"
)

// CacheControl is what Cache-Control says, of a request or of a response. A directive that is not there is false, or absent.
type CacheControl struct {
	NoStore, NoCache, Private, Public, MustRevalidate, MustUnderstand, OnlyIfCached bool

	MaxAge, SharedMaxAge, MinFresh, MaxStale, WhileRevalidate, IfError time.Duration
}

const (
	// absent is the time of a directive that is not there.
	absent = time.Duration(-1)
	// longest is what a time too long to be told is taken for (RFC 9111, 1.2.2).
	longest = time.Duration(1<<31) * time.Second
)

// NoDirectives is what a header without Cache-Control says.
var NoDirectives = CacheControl{
	MaxAge: absent, SharedMaxAge: absent, MinFresh: absent, MaxStale: absent, WhileRevalidate: absent, IfError: absent,
}

// ParseRequest reads the directives of a request.
func ParseRequest(header http.Header) CacheControl {
	c := NoDirectives
	fields := header["Cache-Control"]
	c.read(fields)
	// RFC 9111, 5.4: Pragma counts where there is no Cache-Control.
	if pragma := header["Pragma"]; len(fields) == 0 && len(pragma) > 0 {
		request := NoDirectives
		request.read(pragma)
		c.NoCache = request.NoCache
	}
	return c
}

// ParseResponse reads the directives of a response.
func ParseResponse(header http.Header) CacheControl {
	c := NoDirectives
	c.read(header["Cache-Control"])
	return c
}

func (c *CacheControl) read(fields []string) {
	for _, field := range fields {
		for field != "" {
			var name, value string
			name, value, field = directive(field)
			c.set(name, value)
		}
	}
}

func (c *CacheControl) set(name, value string) {
	switch {
	case strings.EqualFold(name, "no-store"):
		c.NoStore = true
	case strings.EqualFold(name, "no-cache"): // with names of fields too: RFC 9111, 5.2.2.4 lets us ignore them
		c.NoCache = true
	case strings.EqualFold(name, "private"): // the same, 5.2.2.7
		c.Private = true
	case strings.EqualFold(name, "public"):
		c.Public = true
	case strings.EqualFold(name, "must-revalidate"), strings.EqualFold(name, "proxy-revalidate"):
		c.MustRevalidate = true // we are a shared cache: both mean us
	case strings.EqualFold(name, "must-understand"):
		c.MustUnderstand = true
	case strings.EqualFold(name, "only-if-cached"):
		c.OnlyIfCached = true
	case strings.EqualFold(name, "max-age"):
		first(&c.MaxAge, seconds(value))
	case strings.EqualFold(name, "s-maxage"):
		first(&c.SharedMaxAge, seconds(value))
	case strings.EqualFold(name, "min-fresh"):
		first(&c.MinFresh, seconds(value))
	case strings.EqualFold(name, "max-stale"):
		if value == "" {
			value = "2147483648" // RFC 9111, 5.2.1.2: however stale
		}
		first(&c.MaxStale, seconds(value))
	case strings.EqualFold(name, "stale-while-revalidate"):
		first(&c.WhileRevalidate, seconds(value))
	case strings.EqualFold(name, "stale-if-error"):
		first(&c.IfError, seconds(value))
	}
}

// first lets the first of several directives count (RFC 9111, 4.2.1).
func first(d *time.Duration, value time.Duration) {
	if *d == absent {
		*d = value
	}
}

// directive cuts the first directive off a field, with its value out of its quotes. Nothing is copied: a backslash
// stays in the value, where no directive that we know has one.
func directive(field string) (name, value, rest string) {
	end, quoted := len(field), false
scan:
	for i := range len(field) {
		switch c := field[i]; {
		case c == '"' && (i == 0 || field[i-1] != '\\'):
			quoted = !quoted
		case c == ',' && !quoted:
			end = i
			break scan
		}
	}
	if end < len(field) {
		rest = field[end+1:]
	}
	name, value, _ = strings.Cut(strings.Trim(field[:end], " \t"), "=")
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
		value = value[1 : n-1]
	}
	return name, value, rest
}

// seconds reads delta-seconds (RFC 9111, 1.2.2). What is none makes a response stale at once (4.2.1).
func seconds(value string) time.Duration {
	if !digits(value) {
		return 0
	}
	n := int64(0)
	for i := range len(value) {
		n = min(n*10+int64(value[i]-'0'), int64(longest/time.Second))
	}
	return time.Duration(n) * time.Second
}

func digits(value string) bool { return value != "" && strings.Trim(value, "0123456789") == "" }
