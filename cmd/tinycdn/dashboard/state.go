// Package dashboard shows an operator how a POP and its neighbours are, in a browser and in a terminal.
package dashboard

import "time"

// State is how all is, as the POP that is asked knows it: what seldom changes.
type State struct {
	POP          string        `json:"pop"`
	Version      string        `json:"version"`
	Started      time.Time     `json:"started,omitzero"`
	Generation   *Generation   `json:"generation"` // null: it belongs to no cluster
	Alone        bool          `json:"alone"`      // a drain holds at this POP only
	POPs         []POP         `json:"pops"`
	Certificates []Certificate `json:"certificates"`
	Wrong        []Wrong       `json:"wrong"` // what is not served, or not as it is by now
	Reloads      []Reload      `json:"reloads"`
	Maps         []string      `json:"maps"`
	Drawn        string        `json:"drawn"` // changes when pictures of them do
}

// Generation is which files of a cluster are served.
type Generation struct {
	Served uint64    `json:"served"`
	Live   uint64    `json:"live"` // is to be served
	Since  time.Time `json:"since,omitzero"`
	Canary bool      `json:"canary"`
}

// POP is how one is.
type POP struct {
	Name       string          `json:"name"`
	Here       bool            `json:"here"`  // it is the one that is asked
	State      string          `json:"state"` // "up", "down", "in doubt" or "drained", as the one that is asked answers
	Why        string          `json:"why"`
	Since      time.Time       `json:"since,omitzero"`
	Drained    string          `json:"drained"` // by whom, and for how long yet; "": it is not
	Generation uint64          `json:"generation"`
	Load       *float64        `json:"load"`   // questions a second, as it says itself; null: it says nothing
	RTT        *float64        `json:"rtt_ms"` // null: it is not heard, or is this one
	Version    string          `json:"version"`
	Seen       map[string]Seen `json:"seen"` // by which POP
}

// Seen is what a POP sees of another one.
type Seen struct {
	Text string `json:"text"` // "up", "DOWN", "failing", or of pages and DNS each
	Why  string `json:"why"`
}

// Certificate is one that is served, or is to be.
type Certificate struct {
	Name  string    `json:"name"`
	Until time.Time `json:"until,omitzero"`
	Days  int       `json:"days"`
	Why   string    `json:"why"` // what is wrong
}

// Wrong is something that is not as it should be.
type Wrong struct {
	What  string    `json:"what"`
	Why   string    `json:"why"`
	Since time.Time `json:"since,omitzero"`
	Dark  bool      `json:"dark"` // it is not served at all
}

// Reload is one that there was.
type Reload struct {
	At     time.Time `json:"at"`
	Took   float64   `json:"seconds"`
	What   string    `json:"what"`
	Errors []string  `json:"errors"`
}

// Country is for how many questions the answers went there, since the start.
type Country struct {
	Code      string `json:"code"`
	Questions uint64 `json:"questions"`
}

// Totals are what was counted since the start.
type Totals struct {
	Questions uint64
	Pages     uint64
	Kept      uint64 // of the pages those that need not be made or fetched
	Fetched   uint64 // of the pages those that had to be
	Open      int    // connections of visitors
	Countries []Country
}

// Moves is what is different each second.
type Moves struct {
	At        time.Time `json:"at"`
	Questions *float64  `json:"questions"` // a second; null: not known yet
	Pages     *float64  `json:"pages"`
	Hits      *float64  `json:"hits"` // the part of the pages that was there, of the last minute; null: there were none
	Open      int       `json:"open"`
	Countries []Country `json:"countries"` // the first first
}
