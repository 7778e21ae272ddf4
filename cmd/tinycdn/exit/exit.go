// Package exit has the statuses that commands end with, which scripts tell apart.
package exit

import (
	"errors"
	"fmt"
)

// Error is an error with a status of its own. Without Err, what is wrong was printed already.
type Error struct {
	Status int
	Err    error // nil: it was printed already
}

func (e *Error) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit status %d", e.Status)
	}
	return e.Err.Error()
}

// The statuses of publish, rollback and what goes with them, beside 0 and 1.
const (
	Usage     = 2 // what was typed means nothing
	Partly    = 3 // live at a majority; the others follow
	Stale     = 4 // somebody else's generation is newer than what this folder came from
	Unreached = 5 // fewer than a majority was reached, and nothing changed
	Brake     = 6 // too much would go
)

// ErrReported ends a command, with status 1, whose output says what is wrong.
var ErrReported = errors.New("reported already")

// With gives an error a status; nil: it was printed already.
func With(status int, err error) error { return &Error{status, err} }

// Of is the status that a command ends with by its error, and what is still to be told of that; nil: nothing is.
func Of(err error) (status int, untold error) {
	special := &Error{Status: 1, Err: err}
	errors.As(err, &special)
	if special.Err == nil || errors.Is(err, ErrReported) {
		return special.Status, nil
	}
	return special.Status, err
}
