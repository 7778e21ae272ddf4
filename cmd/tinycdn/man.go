package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// manCommand is for who makes packages.
func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write manual pages into a folder",
		Example: "  tinycdn man /usr/local/share/man/man1",
		Hidden:  true,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			for _, one := range manPages(c.Root()) {
				var page bytes.Buffer
				printManPage(&page, one)
				if err := os.WriteFile(filepath.Join(args[0], manName(one)+".1"), page.Bytes(), 0o666); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// manPages are the commands that have a page: this one, and those below it.
func manPages(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" && sub.Name() != "completion" {
			all = append(all, manPages(sub)...)
		}
	}
	return all
}

// manName is the name of a command's page: "tinycdn-serve".
func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// printManPage writes a page in man(7)'s macros.
func printManPage(w io.Writer, c *cobra.Command) {
	fmt.Fprintf(w, ".TH %s 1\n.SH NAME\n%s \\- %s\n", roff(strings.ToUpper(manName(c))), roff(manName(c)), roff(c.Short))
	synopsis := c.UseLine()
	if c.HasAvailableSubCommands() {
		synopsis += " COMMAND [flags]"
	}
	fmt.Fprintf(w, ".SH SYNOPSIS\n.B %s\n", roff(synopsis))
	if c.Long != "" {
		fmt.Fprintf(w, ".SH DESCRIPTION\n%s\n", roff(c.Long))
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprint(w, ".SH COMMANDS\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(w, ".TP\n.B %s\n%s\n", roff(sub.Name()), roff(sub.Short))
			}
		}
	}
	c.InitDefaultHelpFlag()
	c.InitDefaultVersionFlag()
	fmt.Fprintf(w, ".SH OPTIONS\n.nf\n%s.fi\n", roff(c.LocalFlags().FlagUsages()))
	fmt.Fprintf(w, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(c.Example))
	if c.HasParent() {
		fmt.Fprintf(w, ".SH SEE ALSO\n.BR %s (1)\n", roff(manName(c.Parent())))
	}
}

// roff escapes what has a meaning in a manual page: backslashes, hyphens that are to be copied, and a dot or a quote where a
// line begins.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
