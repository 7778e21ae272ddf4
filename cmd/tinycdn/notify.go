package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/notify"
	"tinycdn/cmd/tinycdn/words"

	"github.com/spf13/cobra"
)

func notifyCommand() *cobra.Command {
	var file string
	var test bool
	c := &cobra.Command{
		Use:   "notify --test",
		Short: "Try the webhooks that are told when a POP falls",
		Long: "Send a message that says that nothing has happened to each webhook of health.notify, from here and, in the folder that a cluster is\n" +
			"published from, from each of its POPs, which have the configuration that is live. It is told what came back. The exit status is 1 if\n" +
			"any did not take it.",
		Example: "  tinycdn notify --test",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !test {
				return errors.New("say --test: by itself, tinycdn tells what has happened")
			}
			ctx, stop := untilSignal()
			defer stop()
			return tryWebhooks(ctx, file, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&test, "test", false, "send a test message")
	return c
}

func tryWebhooks(ctx context.Context, file string, w io.Writer) error {
	path, err := config.Path(file)
	if err != nil {
		return err
	}
	c := config.Load(path)
	if len(c.Mistakes) > 0 {
		return c.Mistakes[0]
	}
	if len(c.Health.Notify) == 0 {
		return fmt.Errorf("%s: health.notify names no webhook", path)
	}
	var targets []notify.Target
	for _, text := range c.Health.Notify {
		t, err := notify.Parse(text)
		if err != nil {
			return err
		}
		targets = append(targets, t)
	}
	tries := map[string][]notify.Try{"here": notify.TryAll(ctx, notify.Test("where it was typed"), targets)}
	wrong := map[string]error{}
	if _, _, err := cluster.FolderOf(path).Roster(); !errors.Is(err, cluster.ErrNoCluster) {
		s, err := join(file)
		if err != nil {
			return err
		}
		defer s.Close()
		var said map[string]json.RawMessage
		said, wrong = s.TryWebhooks(ctx)
		for name, text := range said {
			var list []notify.Try
			if err := json.Unmarshal(text, &list); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			tries[name] = list
		}
	}
	return printTries(tries, wrong, w)
}

func printTries(tries map[string][]notify.Try, wrong map[string]error, w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	failed := len(wrong) > 0
	for _, name := range slices.Sorted(maps.Keys(tries)) {
		for _, t := range tries[name] {
			said := t.Said
			if t.Error != "" {
				said, failed = "NOT TAKEN: "+t.Error, true
			}
			fmt.Fprintf(table, "%s\t%s\t%s\n", name, words.Line(t.Webhook), words.Line(said))
		}
		if len(tries[name]) == 0 {
			fmt.Fprintf(table, "%s\t\tno webhook is live there yet: tinycdn publish\n", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		fmt.Fprintf(table, "%s\t\tit does not answer: %v\n", name, wrong[name])
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if failed {
		return exit.ErrReported
	}
	return nil
}
