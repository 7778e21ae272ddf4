// Command tinycdn runs a point of presence of a small CDN: it answers the DNS for its zones with the nearest POP's
// address, and serves the pages of its sites.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	if err := newCommand().Execute(); err != nil {
		if !errors.Is(err, errTold) {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1)
	}
}

// errTold ends a command whose output says what is wrong.
var errTold = errors.New("told already")

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "tinycdn",
		Short:         "A CDN of one's own: GeoDNS and pages from a handful of small servers",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(serveCommand(), checkCommand(), explainCommand(), demoCommand(), versionCommand())
	return root
}

func serveCommand() *cobra.Command {
	var config, pop, log string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run this POP",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			path, err := configPath(config)
			if err != nil {
				return err
			}
			if log != "" && log != "text" && log != "json" {
				return fmt.Errorf("--log %s: it is text or json", log)
			}
			outliveReaders()
			return serve(path, pop, log)
		},
	}
	addConfigFlag(c, &config)
	c.Flags().StringVar(&pop, "pop", "", "the `NAME` of this POP (else $TINYCDN_POP, else pop in the configuration)")
	c.Flags().StringVar(&log, "log", "", "log as `text` or json (else log in the configuration, else text)")
	return c
}

func checkCommand() *cobra.Command {
	var config string
	c := &cobra.Command{
		Use:   "check",
		Short: "Load everything as serve would, and print every mistake",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			path, err := configPath(config)
			if err != nil {
				return err
			}
			if !check(path, c.OutOrStdout()) {
				return errTold
			}
			return nil
		},
	}
	addConfigFlag(c, &config)
	return c
}

func explainCommand() *cobra.Command {
	var config string
	var asJSON bool
	c := &cobra.Command{
		Use:   "explain ADDRESS [NAME]",
		Short: "Say which POP an address gets, and why",
		Long:  "Say which POP the address (or subnet) gets, and why: by the map that NAME's addresses come from, else by every map.",
		Args:  cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			path, err := configPath(config)
			if err != nil {
				return err
			}
			name := ""
			if len(args) == 2 {
				name = args[1]
			}
			return explain(path, args[0], name, asJSON, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &config)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func demoCommand() *cobra.Command {
	var port, webPort uint16
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run three POPs on this machine, with an example zone and site, and what to try",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			outliveReaders()
			return demo(port, webPort, c.OutOrStdout())
		},
	}
	c.Flags().Uint16Var(&port, "port", 5300, "the port of the three nameservers, on 127.0.0.1, 127.0.0.2 and 127.0.0.3")
	c.Flags().Uint16Var(&webPort, "web-port", 8080, "the port of their pages")
	return c
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which version this is, and whose data it carries",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return printVersion(c.OutOrStdout()) },
	}
}

func addConfigFlag(c *cobra.Command, config *string) {
	c.Flags().StringVar(config, "config", "", "the configuration `FILE` (default tinycdn.toml, then /etc/tinycdn/tinycdn.toml)")
}
