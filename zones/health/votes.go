package health

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// Votes are what a POP says of the others, for its row.
type Votes struct {
	Restarting bool               `json:"restarting,omitempty"` // it is about to be gone for a moment
	Usual      bool               `json:"usual,omitempty"`      // its nameserver gets at least half of its usual questions: it hears the world
	Of         map[string]Opinion `json:"of,omitempty"`         // by POP, as far as it has looked
	Out        map[string]int64   `json:"out,omitempty"`        // the POPs that it sends nobody to, as was agreed, and since when, in seconds since 1970
}

// Differs says whether there is something in v that the others should know at once, if they have been told before.
func (v *Votes) Differs(before *Votes) bool {
	if v.Restarting != before.Restarting {
		return true
	}
	for pop, opinion := range v.Of {
		for check, vote := range opinion {
			if was := before.Of[pop][check]; vote.Down != was.Down || vote.Failing != was.Failing {
				return true
			}
		}
	}
	return false
}

// Opinion is what a POP says of another one.
type Opinion map[Check]Vote

// Vote is what a POP says of a check. Its times are by its own clock, and for people alone.
type Vote struct {
	Down    bool   `json:"down,omitempty"`
	Failing bool   `json:"failing,omitempty"` // the last look failed
	Since   int64  `json:"since,omitempty"`   // that it is down, or up again, in seconds since 1970; 0: it was never otherwise
	Why     string `json:"why,omitempty"`     // it failed last, as long as it is down or failing
	Took    []int  `json:"ms,omitempty"`      // when it last did not fail: until there was a connection, TLS, and the first octet, in milliseconds
}

// maxVotes in octets leave room in a row for the rest of it, and say all of thirty POPs.
const maxVotes = 10 << 10

// maxWhy in octets is the most of a reason.
const maxWhy = 80

// Encode writes votes down. Where there is much to say, reasons are cut short.
func (v *Votes) Encode() []byte {
	text := encode(v)
	for _, short := range []int{40, 20, 0} {
		if len(text) <= maxVotes {
			break
		}
		text = encode(v.shortened(short))
	}
	return text
}

func encode(v *Votes) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("health: internal error: " + err.Error()) // there is nothing in it that cannot be written
	}
	return text
}

// shortened has reasons of at most so many octets, and no measurements; without reasons, it does not say since when, either.
func (v *Votes) shortened(why int) *Votes {
	short := Votes{v.Restarting, v.Usual, map[string]Opinion{}, v.Out}
	for pop, opinion := range v.Of {
		short.Of[pop] = Opinion{}
		for check, vote := range opinion {
			if vote.Why, vote.Took = cut(vote.Why, why), nil; why == 0 {
				vote.Since = 0
			}
			short.Of[pop][check] = vote
		}
	}
	return &short
}

// ParseVotes reads what another POP has written down. Checks that are not known here are passed over.
func ParseVotes(text []byte) (*Votes, error) {
	if len(text) > 2*maxVotes {
		return nil, fmt.Errorf("votes of %d octets: %d are the most", len(text), 2*maxVotes)
	}
	var read struct {
		Votes
		Of map[string]map[string]Vote `json:"of"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return nil, fmt.Errorf("votes: %w", err)
	}
	v := read.Votes
	v.Of = map[string]Opinion{}
	for pop, said := range read.Of {
		opinion := Opinion{}
		for name, vote := range said {
			var check Check
			if check.UnmarshalText([]byte(name)) != nil {
				continue
			}
			vote.Why = cut(printable(vote.Why), maxWhy)
			if len(vote.Took) > 3 {
				vote.Took = vote.Took[:3]
			}
			opinion[check] = vote
		}
		v.Of[pop] = opinion
	}
	return &v, nil
}

// printable is a text that can be shown on a terminal and written into a log.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
}

// cut is the beginning of a text, of at most so many octets.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}
