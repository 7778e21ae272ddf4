package main

import (
	"github.com/spf13/cobra"

	"tinycdn/cmd/tinycdn/config"
)

// configTopic is what `tinycdn help config` prints.
func configTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "config",
		Short: "What may be written in tinycdn.toml",
		Long: "tinycdn.toml is TOML. Paths in it are relative to it. An unknown key is a mistake. Where a list\nstands, a single string will do.\n\n" +
			config.Keys,
	}
}
