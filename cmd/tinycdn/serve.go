package main

import (
	"fmt"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/pop"
	"tinycdn/cmd/tinycdn/state"
	"tinycdn/cmd/tinycdn/system"

	"github.com/spf13/cobra"
)

func serveCommand() *cobra.Command {
	var file, name, log, dir string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run this POP",
		Long: "Run this POP until SIGTERM or SIGINT. What changes in its files is taken over while it runs; SIGHUP has it read all of\n" +
			"them again, and say what is wrong with them. SIGUSR2 has it become the program on disk: see restart.",
		Example: "  tinycdn serve\n  tinycdn serve --config /etc/tinycdn/tinycdn.toml --pop nyc --log json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if log != "" && log != "text" && log != "json" {
				return fmt.Errorf("--log %s: it is text or json", log)
			}
			system.OutliveReaders()
			folder := state.At(dir)
			if cluster.Joined(folder.Path) {
				if file != "" || name != "" {
					return fmt.Errorf("%s is that of a POP of a cluster, which serves what is published to it: leave out --config and --pop, or name another folder with --state", folder.Path)
				}
				return pop.RunMember(folder.Path, log)
			}
			path, err := config.PathOrCopy(file, folder.HasCopy)
			if err != nil {
				return err
			}
			return pop.Run(pop.Start{Config: path, POP: name, Log: log, State: folder})
		},
	}
	addConfigFlag(c, &file)
	c.Flags().StringVar(&name, "pop", "", "the `NAME` of this POP (else $TINYCDN_POP, else pop in the configuration)")
	c.Flags().StringVar(&dir, "state", "", "the `FOLDER` for what outlives this POP (else $TINYCDN_STATE, else /var/lib/tinycdn)")
	c.Flags().StringVar(&log, "log", "", "log as `FORMAT`, text or json (else log in the configuration, else text)")
	return c
}
