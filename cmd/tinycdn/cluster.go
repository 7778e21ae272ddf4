package main

import (
	"fmt"

	"tinycdn/cmd/tinycdn/cluster"

	"github.com/spf13/cobra"
)

func clusterCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "cluster",
		Short: "Say who belongs to the cluster, and who may publish",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(identityCommand())
	return c
}

// identityCommand is what setup asks a machine with.
func identityCommand() *cobra.Command {
	var state string
	c := &cobra.Command{
		Use:    "identity",
		Short:  "Print the public key of the POP on this machine, which gets one if it has none",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(c *cobra.Command, _ []string) error {
			key, err := cluster.KeyAt(state)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "tinycdn: key %v\n", key)
			return err
		},
	}
	c.Flags().StringVar(&state, "state", "/var/lib/tinycdn", "the `FOLDER` of the POP")
	return c
}
