package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"tinycdn/cmd/tinycdn/exit"

	"github.com/spf13/cobra"
)

// toldApart gives wrong usage of a command a status of its own, as its others have.
func toldApart(c *cobra.Command) *cobra.Command {
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return exit.With(exit.Usage, err) })
	args := c.Args
	c.Args = func(c *cobra.Command, given []string) error {
		if err := args(c, given); err != nil {
			return exit.With(exit.Usage, err)
		}
		return nil
	}
	return c
}

// sayUsage has wrong usage of a command, and of those below it, told in our words. What status it ends with stays.
func sayUsage(c *cobra.Command) {
	for _, below := range c.Commands() { // first: who has no function of his own has that of the one above
		sayUsage(below)
	}
	flags, args := c.FlagErrorFunc(), c.Args
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return reworded(flags(c, err), c, flagWords) })
	if args != nil {
		c.Args = func(c *cobra.Command, given []string) error { return reworded(args(c, given), c, argumentWords) }
	}
}

func reworded(err error, c *cobra.Command, words func(text string, c *cobra.Command) string) error {
	special := new(exit.Error)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &special) && special.Err != nil:
		return exit.With(special.Status, errors.New(words(special.Err.Error(), c)))
	}
	return errors.New(words(err.Error(), c))
}

var badValue = regexp.MustCompile(`^invalid argument "(.*)" for "(?:-., )?(--[a-z-]+)" flag: (.*)$`)

// flagWords are what is wrong with a flag.
func flagWords(text string, c *cobra.Command) string {
	m := badValue.FindStringSubmatch(text)
	switch {
	case m == nil:
		return fmt.Sprintf("%s (try: tinycdn help%s)", text, strings.TrimPrefix(c.CommandPath(), c.Root().Name()))
	case strings.HasPrefix(m[3], "time: "):
		m[3] = "want a time such as 30m or 2h"
	case strings.HasPrefix(m[3], "strconv."):
		m[3] = "want a whole number"
		if strings.HasSuffix(text, "out of range") {
			m[3] = "no number is that large here"
		}
	}
	return fmt.Sprintf("%s %s: %s", m[2], m[1], m[3])
}

var miscounted = regexp.MustCompile(`^(accepts|requires) .* arg\(s\)|^unknown command`)

// argumentWords are what is wrong with what is no flag.
func argumentWords(text string, c *cobra.Command) string {
	if !miscounted.MatchString(text) || !c.HasParent() || c.HasSubCommands() {
		return text
	}
	return "want " + c.UseLine()
}
