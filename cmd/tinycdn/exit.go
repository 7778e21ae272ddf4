package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

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

// The statuses of publish, rollback and what goes with them, beside 0 and 1.
const (
	exitUsage     = 2 // what was typed means nothing
	exitPartly    = 3 // live at a majority; the others follow
	exitStale     = 4 // somebody else's generation is newer than what this folder came from
	exitUnreached = 5 // fewer than a majority was reached, and nothing changed
	exitBrake     = 6 // too much would go
)

// toldApart gives wrong usage of a command a status of its own, as its others have.
func toldApart(c *cobra.Command) *cobra.Command {
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &exit{exitUsage, err} })
	args := c.Args
	c.Args = func(c *cobra.Command, given []string) error {
		if err := args(c, given); err != nil {
			return &exit{exitUsage, err}
		}
		return nil
	}
	return c
}
