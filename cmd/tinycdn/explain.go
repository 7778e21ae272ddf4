package main

import (
	"errors"
	"os"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/explain"

	"github.com/spf13/cobra"
)

func explainCommand() *cobra.Command {
	var file string
	var asJSON bool
	c := &cobra.Command{
		Use:     "explain ADDRESS [NAME]",
		Short:   "Say which POP an address gets, and why",
		Long:    "Say which POP the address (or subnet) gets, and why: by the map that NAME's addresses come\nfrom, also through aliases and wildcards, else by every map. If tinycdn runs here, POPs count\nas down, drained or up as it has them; at a POP of a cluster, what is explained is what was published.",
		Example: "  tinycdn explain 81.2.69.142\n  tinycdn explain 81.2.69.0/24 www.example.org\n  tinycdn explain 2001:db8::/32 --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return errors.New("explain wants the address or subnet of a visitor, and may be given a name: tinycdn explain 81.2.69.142 www.example.org")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			path, err := toBeExplained(file)
			if err != nil {
				return err
			}
			q := explain.Question{Config: path, Published: path == published, Address: args[0], JSON: asJSON}
			if len(args) == 2 {
				q.Name = args[1]
			}
			return explain.Write(&q, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// published is where a POP of a cluster has the configuration that it serves.
const published = usualState + "/view/tinycdn.toml"

// toBeExplained is the configuration: at a POP of a cluster the one that was published, if no other is named or at hand.
func toBeExplained(file string) (string, error) {
	path, err := config.Path(file)
	if err != nil {
		if _, none := os.Stat(published); none == nil {
			return published, nil
		}
	}
	return path, err
}
