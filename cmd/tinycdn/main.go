// Command tinycdn runs a point of presence of a small CDN: it answers the DNS for its zones with the nearest POP's
// address, and serves the pages of its sites.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/system"

	"github.com/spf13/cobra"
)

func main() {
	if err := newCommand().Execute(); err != nil {
		status, untold := exit.Of(err)
		if untold != nil {
			system.LastWords(os.Stderr, untold)
		}
		os.Exit(status)
	}
}

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "tinycdn",
		Short:         "A CDN of one's own: GeoDNS and pages from a handful of small servers",
		Example:       "  tinycdn demo\n  tinycdn check\n  tinycdn serve --pop nyc",
		Version:       system.Build(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(setupCommand(), upgradeCommand(), inviteCommand(), joinCommand(), clusterCommand())
	root.SetVersionTemplate(versionLine() + "\n")
	for _, c := range []*cobra.Command{publishCommand(), rollbackCommand(), historyCommand(), diffCommand(), pullCommand(), statusCommand(), checkCommand(), testCommand(), mapCommand(), statsCommand(), topCommand()} {
		root.AddCommand(toldApart(c))
	}
	root.AddCommand(serveCommand(), explainCommand(), purgeCommand(), drainCommand(), undrainCommand(), notifyCommand(), certsCommand(), dnssecCommand(), restartCommand(), dashboardCommand(), demoCommand(), versionCommand(), manCommand(), configTopic())
	sayUsage(root)
	return root
}

func addConfigFlag(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "config", "", "the configuration `FILE` (default tinycdn.toml, then /etc/tinycdn/tinycdn.toml)")
}

// untilSignal is a context that ends when somebody ends the command.
func untilSignal() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
}

// join finds out who is at work, and with which cluster.
func join(file string) (*session.Session, error) { return session.Join(file, askPassphrase) }

// inSession does something with a cluster, until somebody ends the command.
func inSession(file string, do func(context.Context, *session.Session) error) error {
	ctx, stop := untilSignal()
	defer stop()
	s, err := join(file)
	if err != nil {
		return err
	}
	defer s.Close()
	return do(ctx, s)
}
