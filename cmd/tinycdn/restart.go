package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func restartCommand() *cobra.Command {
	var file, socket string
	c := &cobra.Command{
		Use:   "restart",
		Short: "Restart the running POP without a moment of silence",
		Long: "Have the POP that runs on this machine become the program that lies where it was started from, with the configuration of\n" +
			"now. Another process answers in its place meanwhile: no question and no visitor waits. If that one finds any mistake, or\n" +
			"cannot be run, nothing happens but that it is told. The end is waited for. What is listened on stays as it was.\n\n" +
			"The POP is asked by its socket (web.admin_socket), at which root and the user that tinycdn runs as may ask. SIGUSR2 asks for\n" +
			"the same, and the log says what comes of it.",
		Example: "  tinycdn check && tinycdn restart",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, err := dial(file, socket)
			if err != nil {
				return err
			}
			defer client.Close()
			version, err := client.Restart(c.Context())
			if err != nil {
				return fmt.Errorf("there is no restart: %w", err)
			}
			fmt.Fprintln(c.OutOrStdout(), "restarted:", version)
			return nil
		},
	}
	addConfigFlag(c, &file)
	c.Flags().StringVar(&socket, "socket", "", "the `PATH` of the POP's socket (else web.admin_socket in the configuration)")
	return c
}
