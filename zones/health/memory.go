package health

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// believed is how old a memory may be: what was agreed before a longer absence says nothing.
const believed = 10 * time.Minute

// memory is what outlives a process.
type memory struct {
	At       time.Time    `json:"at"` // that it was so
	Verdicts []remembered `json:"verdicts"`
}

type remembered struct {
	POP   string    `json:"pop"`
	Check Check     `json:"check"`
	Down  bool      `json:"down"`
	Since time.Time `json:"since"`
	Seen  []Witness `json:"seen,omitempty"`
}

// Marshal writes down what is agreed now, for a process that comes soon.
func (s *State) Marshal(now time.Time) []byte {
	m := memory{At: now, Verdicts: []remembered{}}
	for t, v := range s.verdicts {
		m.Verdicts = append(m.Verdicts, remembered{t.POP, t.Check, v.Down, v.Since, v.Seen})
	}
	slices.SortFunc(m.Verdicts, func(a, b remembered) int {
		return strings.Compare(a.POP+checkNames[a.Check], b.POP+checkNames[b.Check])
	})
	text, err := json.MarshalIndent(&m, "", "\t")
	if err != nil {
		panic("health: internal error: " + err.Error())
	}
	return append(text, '\n')
}

// Restore is what was agreed when text was written, if that was not long ago. Else all are up.
func Restore(text []byte, now time.Time) (*State, error) {
	var m memory
	if err := json.Unmarshal(text, &m); err != nil {
		return &State{}, fmt.Errorf("what was agreed before cannot be read: %w", err)
	}
	if age := now.Sub(m.At); age < 0 || age > believed {
		return &State{}, nil
	}
	s := &State{verdicts: map[Target]Verdict{}}
	for _, r := range m.Verdicts {
		s.verdicts[Target{r.POP, r.Check}] = Verdict{r.Down, r.Since, r.Seen}
	}
	return s, nil
}
