package tallies

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"tinycdn/webserver/visits"
)

// longestRow in octets, as a POP writes it.
const longestRow = 64 << 10

// errNoRow is that a line is none of statistics.
var errNoRow = errors.New("want what tinycdn stats --json prints, an object a line")

// read reads rows, until there is an error.
func read(from io.Reader) iter.Seq2[visits.Row, error] {
	return func(yield func(visits.Row, error) bool) {
		lines := bufio.NewScanner(from)
		lines.Buffer(nil, longestRow)
		for n := 1; lines.Scan(); n++ {
			var r visits.Row
			if json.Unmarshal(lines.Bytes(), &r) != nil || r.By == "" {
				yield(r, fmt.Errorf("line %d: %w", n, errNoRow))
				return
			}
			if !yield(r, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(visits.Row{}, err)
		}
	}
}
