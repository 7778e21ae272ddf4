package compare

import (
	"fmt"

	"tinycdn/zones/steer"
)

// Audience is who came in the last days.
type Audience struct {
	What   string  `json:"what"` // "visitors", "views" or "queries"
	Days   int     `json:"days"`
	Count  float64 `json:"count"`
	Placed float64 `json:"placed"` // of whom the country is known

	Countries map[string]float64 `json:"-"` // how many are from each, by its code
}

// askAudience begins to ask. What it gives waits for the answer.
func askAudience(whose func() (Audience, error)) func() (Audience, error) {
	type answer struct {
		audience Audience
		err      error
	}
	known := make(chan answer, 1)
	go func() {
		a, err := whose()
		known <- answer{a, err}
	}()
	return func() (Audience, error) {
		a := <-known
		return a.audience, a.err
	}
}

// take notes by whom moves are weighed, or why they are not.
func (m *Moves) take(a Audience, err error) steer.Audience {
	if err != nil {
		m.NoAudience = err.Error()
		return steer.Audience{}
	}
	m.Audience = &a
	return steer.Audience{What: a.What, Countries: a.Countries}
}

// audienceLine says by whom.
func (m *Moves) audienceLine() string {
	switch a := m.Audience; {
	case m.NoAudience != "":
		return "of visitors it is not known who moves: " + m.NoAudience
	case a == nil:
		return ""
	case a.Placed == 0:
		return fmt.Sprintf("of visitors it is not known who moves: statistics of %s have none with a country", days(a.Days))
	case a.Placed < a.Count:
		return fmt.Sprintf("%s: %.0f in %s, by country; of %.0f the country is not known", a.What, a.Count, days(a.Days), a.Count-a.Placed)
	default:
		return fmt.Sprintf("%s: %.0f in %s, by country", a.What, a.Count, days(a.Days))
	}
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
