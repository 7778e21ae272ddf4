package dashboard

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// mostLine is how long an event may be: 255 POPs, and what each sees of all.
const mostLine = 16 << 20

// ErrEnded is that the POP says no more.
var ErrEnded = errors.New("the POP does not answer any more")

// Follow asks a POP for what the page shows, and tells of it each second, until tell says that it is enough, or ctx ends.
func Follow(ctx context.Context, pop http.RoundTripper, tell func(*State, *Moves) (more bool)) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost"+EventsPath, nil)
	if err != nil {
		return err
	}
	answer, err := pop.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("the POP does not answer: %w", err)
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return errors.New("the POP that runs has no dashboard: tinycdn restart has it become the program on disk")
	default:
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
		return fmt.Errorf("the POP answers %s: %s", answer.Status, strings.TrimSpace(string(text)))
	}
	if err := readEvents(answer.Body, tell); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// readEvents reads what TellEvents writes.
func readEvents(from io.Reader, tell func(*State, *Moves) bool) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, mostLine)
	var s *State
	name := ""
	for lines.Scan() {
		if is, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = is
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		switch {
		case !ok:
		case name == "state":
			s = new(State)
			if err := json.Unmarshal([]byte(data), s); err != nil {
				return fmt.Errorf("the POP's answer makes no sense: %w", err)
			}
		case name == "moves" && s != nil:
			m := new(Moves)
			if err := json.Unmarshal([]byte(data), m); err != nil {
				return fmt.Errorf("the POP's answer makes no sense: %w", err)
			}
			if !tell(s, m) {
				return nil
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrEnded, err)
	}
	return ErrEnded
}
