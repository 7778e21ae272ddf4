package main

import "fmt"

// exit is an error with a status of its own, as those of publish are told apart by scripts. With status 1 and no error, what
// is wrong was printed already.
type exit struct {
	status int
	err    error // nil: it was printed already
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.status)
	}
	return e.err.Error()
}

// The statuses of publish and rollback, beside 0, 1 and 2.
const (
	exitPartly    = 3 // live at a majority; the others follow
	exitStale     = 4 // somebody else's generation is newer than what this folder came from
	exitUnreached = 5 // fewer than a majority was reached, and nothing changed
	exitBrake     = 6 // too much would go
)
