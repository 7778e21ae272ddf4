package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Message is what people are told.
type Message struct {
	Title  string
	Text   string
	Tag    string // a picture of ntfy's
	Urgent bool
}

// Change is what the POPs have agreed on.
type Change struct {
	POP   string
	DNS   bool   // it is about its nameserver; else about its pages
	Over  string // "IPv4" or "IPv6"; "": both
	Down  bool
	Since time.Time
	Seen  []string // who saw it, and what: "fra: TLS handshake timed out"
}

// Message is what is told of a change.
func (c *Change) Message() Message {
	over := ""
	if c.Over != "" {
		over = " over " + c.Over
	}
	m := Message{Tag: "white_check_mark", Text: "since " + c.Since.UTC().Format("15:04:05 UTC")}
	switch {
	case c.DNS && c.Down:
		m.Title, m.Text = fmt.Sprintf("the nameserver of %s does not answer%s", c.POP, over), m.Text+"; resolvers ask the others"
	case c.DNS:
		m.Title = fmt.Sprintf("the nameserver of %s answers again%s", c.POP, over)
	case c.Down:
		m.Title, m.Text = fmt.Sprintf("%s is down%s", c.POP, over), m.Text+"; visitors are sent to the other POPs"
	default:
		m.Title, m.Text = fmt.Sprintf("%s is up again%s", c.POP, over), m.Text+"; visitors are sent to it"
	}
	if c.Down {
		m.Tag, m.Urgent = "rotating_light", true
	}
	if len(c.Seen) > 0 {
		m.Text += "\n" + strings.Join(c.Seen, "\n")
	}
	return m
}

// Test is a message that says nothing has happened.
func Test(from string) Message {
	return Message{Title: "a test by tinycdn", Text: "this webhook is told when a POP goes down or comes back; sent from " + from, Tag: "test_tube"}
}

// Certificate is one that some POP uses.
type Certificate struct {
	Name        string
	From, Until time.Time // from: zero if it is not known
}

// Database is one by which visitors are placed.
type Database struct {
	Name  string
	Built time.Time
}

const (
	// soon is when a certificate should have been renewed, however long it holds.
	soon = 14 * 24 * time.Hour
	// oldAge is when addresses have changed hands so much that people are sent to the wrong POP; databases come twice a month or more.
	oldAge = 45 * 24 * time.Hour
)

// Aging is what is told of what grows old; ok is false if nothing does.
func Aging(now time.Time, certificates []Certificate, databases []Database) (m Message, ok bool) {
	var lines []string
	certificates = slices.SortedFunc(slices.Values(certificates), func(a, b Certificate) int { return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.Name, b.Name)) })
	for _, c := range certificates {
		left := c.Until.Sub(now)
		switch {
		case left <= 0:
			lines = append(lines, fmt.Sprintf("the certificate for %s has expired", c.Name))
			m.Urgent = true
		case left < soon || !c.From.IsZero() && left < c.Until.Sub(c.From)/4:
			lines = append(lines, fmt.Sprintf("the certificate for %s expires in %d days", c.Name, days(left)))
		}
	}
	for _, d := range databases {
		if age := now.Sub(d.Built); !d.Built.IsZero() && age > oldAge {
			lines = append(lines, fmt.Sprintf("the database %s is %d days old", d.Name, days(age)))
		}
	}
	m.Title, m.Text, m.Tag = "what grows old at the POPs", strings.Join(lines, "\n"), "hourglass"
	return m, len(lines) > 0
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }
