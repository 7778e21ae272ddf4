package main

import (
	"errors"
	"io"
	"testing"
)

func TestWrongUsageHasAStatusOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"publish", "--nope"}, {"publish", "x"}, {"publish", "--over", "x"}, {"rollback", "x"}, {"rollback", "1", "2"}, {"status", "x"}} {
		c := newCommand()
		c.SetArgs(args)
		c.SetOut(io.Discard)
		var special *exit
		if err := c.Execute(); !errors.As(err, &special) || special.status != exitUsage {
			t.Errorf("%v: got %v, want status %d", args, err, exitUsage)
		}
	}
}
