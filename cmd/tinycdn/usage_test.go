package main

import (
	"io"
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/exit"
)

func TestWrongUsageHasAStatusOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"publish", "--nope"}, {"publish", "x"}, {"publish", "--over", "x"}, {"rollback", "x"}, {"rollback", "1", "2"}, {"status", "x"}} {
		c := newCommand()
		c.SetArgs(args)
		c.SetOut(io.Discard)
		err := c.Execute()
		if status, _ := exit.Of(err); status != exit.Usage {
			t.Errorf("%v: got %v, want status %d", args, err, exit.Usage)
		}
	}
}

func TestWrongUsageIsToldInOurWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"drain", "--for", "2", "fra"}, "--for 2: want a time such as 30m or 2h"},
		{[]string{"publish", "--over", "x"}, "--over x: want a whole number"},
		{[]string{"demo", "--port", "70000"}, "--port 70000: no number is that large here"},
		{[]string{"cluster", "key", "list", "--nope"}, "unknown flag: --nope (try: tinycdn help cluster key list)"},
		{[]string{"publish", "--only"}, "flag needs an argument: --only (try: tinycdn help publish)"},
		{[]string{"drain", "fra", "nyc"}, "want tinycdn drain [POP] [flags]"},
		{[]string{"join"}, "want tinycdn join INVITATION [flags]"},
		{[]string{"publish", "x"}, "want tinycdn publish [flags]"},
		{[]string{"statsu"}, `unknown command "statsu" for "tinycdn"`},
	} {
		root := newCommand()
		root.SetArgs(c.args)
		root.SetOut(io.Discard)
		if err := root.Execute(); err == nil || strings.Split(err.Error(), "\n")[0] != c.want {
			t.Errorf("%v: got %v, want %s", c.args, err, c.want)
		}
	}
}
