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
	POP    string
	What   string // "pages over IPv4, DNS over IPv4"
	Down   bool
	Since  time.Time
	Seen   string // who saw it, and what: "fra and nyc: TLS: timeout"
	Effect string
}

// Message is what is told of a change.
func (c *Change) Message() Message {
	m := Message{Title: c.POP + " is up again: " + c.What, Tag: "white_check_mark"}
	if c.Down {
		m.Title, m.Tag, m.Urgent = c.POP+" is down: "+c.What, "rotating_light", true
	}
	lines := []string{"since " + c.Since.UTC().Format("15:04:05 UTC")}
	if c.Seen != "" {
		lines = append(lines, "seen by "+c.Seen)
	}
	if c.Effect != "" {
		lines = append(lines, c.Effect)
	}
	m.Text = strings.Join(lines, "\n")
	return m
}

// Drained is what is told of a POP that is drained, or is not any more; for how long is 0 if nobody knows.
func Drained(pop, by string, on bool, left time.Duration) Message {
	if !on {
		return Message{Title: pop + " is drained no longer", Text: "visitors are sent to it again", Tag: "potable_water"}
	}
	m := Message{Title: pop + " is drained", Text: "by " + by, Tag: "non-potable_water"}
	if left > 0 {
		m.Text += ", for " + spanText(left)
	}
	m.Text += "\nvisitors are sent to the other POPs"
	return m
}

// spanText is how long something lasts, in hours or minutes.
func spanText(d time.Duration) string {
	hours, minutes := int(d.Round(time.Minute).Hours()), int(d.Round(time.Minute).Minutes())%60
	switch {
	case hours == 0:
		return fmt.Sprintf("%d min", max(minutes, 1))
	case minutes == 0:
		return fmt.Sprintf("%d h", hours)
	}
	return fmt.Sprintf("%d h %d min", hours, minutes)
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
