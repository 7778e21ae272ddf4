package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/cmd/tinycdn/dashboard"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func topCommand() *cobra.Command {
	var s sight
	c := &cobra.Command{
		Use:   "top [POP]",
		Short: "Show in the terminal how all is, each second anew",
		Long: "Show what the dashboard shows, but for the map, in the terminal, each second anew; q ends it. Where there is no terminal, it is said\n" +
			"once.\n\n" + sightText,
		Example: "  tinycdn top\n  tinycdn top fra",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return s.with(args, func(ctx context.Context, pop *admin.Client) error {
				out, ok := c.OutOrStdout().(*os.File)
				if ok && term.IsTerminal(int(out.Fd())) && term.IsTerminal(int(os.Stdin.Fd())) {
					return topAnew(ctx, pop, out)
				}
				return topOnce(ctx, pop, c.OutOrStdout())
			})
		},
	}
	s.add(c)
	return c
}

// topOnce waits until it is known how much there is a second.
func topOnce(ctx context.Context, pop *admin.Client, w io.Writer) error {
	return dashboard.Follow(ctx, pop.Transport(), func(s *dashboard.State, m *dashboard.Moves) bool {
		if m.Questions == nil {
			return true
		}
		io.WriteString(w, dashboard.Text(s, m))
		return false
	})
}

// What a terminal is told: another screen without a cursor, and back; the upper left corner; the rest of the line, and of the screen, empty.
const (
	otherScreen, backAgain = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
	home, restOfLine, rest = "\x1b[H", "\x1b[K\r\n", "\x1b[J"
)

// topAnew draws until somebody says q, or Ctrl-C, which is a key like others then.
func topAnew(ctx context.Context, pop *admin.Client, out *os.File) error {
	before, err := term.MakeRaw(int(os.Stdin.Fd()))
	if err != nil {
		return err
	}
	defer term.Restore(int(os.Stdin.Fd()), before)
	fmt.Fprint(out, otherScreen)
	defer fmt.Fprint(out, backAgain)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() { // a read of a terminal cannot be ended: the process does
		for key := make([]byte, 1); ; {
			if _, err := os.Stdin.Read(key); err != nil || key[0] == 'q' || key[0] == 'Q' || key[0] == 3 {
				stop()
				return
			}
		}
	}()
	return dashboard.Follow(ctx, pop.Transport(), func(s *dashboard.State, m *dashboard.Moves) bool {
		columns, rows, err := term.GetSize(int(out.Fd()))
		if err != nil || columns <= 0 || rows <= 0 { // a serial line has no size
			columns, rows = 80, 24
		}
		fmt.Fprint(out, screen(dashboard.Text(s, m), columns, rows))
		return ctx.Err() == nil
	})
}

// screen is as much of a text as fits.
func screen(text string, columns, rows int) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	lines = lines[:min(len(lines), max(rows-1, 1))]
	for i, line := range lines {
		if runes := []rune(line); len(runes) > columns {
			lines[i] = string(runes[:columns])
		}
	}
	return home + strings.Join(lines, restOfLine) + restOfLine + rest
}
