package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/zones"
	"tinycdn/zones/diag"
	"tinycdn/zones/sign"

	"github.com/spf13/cobra"
)

func dnssecCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "dnssec",
		Short: "Make the keys that zones are signed with, and show what the parent is to have of them",
		Long: "A zone is signed by each POP for itself, if its file says dnssec = true and there is a key for it, in the folder keys beside\n" +
			"tinycdn.toml, in a folder with the zone's name. All POPs that have the same files and the same key sign alike.",
		Example: "  tinycdn dnssec key new example.org\n  tinycdn dnssec ds example.org",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	key := &cobra.Command{
		Use:     "key",
		Short:   "Make a key",
		Example: "  tinycdn dnssec key new example.org",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	key.AddCommand(dnssecKeyNewCommand())
	c.AddCommand(key, dnssecDSCommand())
	return c
}

func dnssecKeyNewCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "new ZONE",
		Short: "Make the key of a zone",
		Long: "Make a key that signs all of a zone, ECDSA with P-256, in two files as BIND has them: the private one is for their owner and\n" +
			"group alone. Whoever has it can forge the zone's answers; without it, nobody can sign the zone. It belongs to all POPs, and into\n" +
			"a backup.",
		Example: "  tinycdn dnssec key new example.org",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			keys, apex, err := keysOf(file, args[0])
			if err != nil {
				return err
			}
			if folder := sign.Folder(keys, apex); sign.HasKey(folder) {
				return fmt.Errorf("there is a key in %s already, and one signs a zone (tinycdn dnssec ds %s shows what the parent is to have of it)", folder, zones.NameText(apex))
			}
			key, err := sign.NewKey()
			if err != nil {
				return err
			}
			paths, err := key.Write(keys, apex)
			if err != nil {
				return err
			}
			w := c.OutOrStdout()
			fmt.Fprintf(w, "%s, %s: ECDSA P-256, which signs everything\n", paths[0], filepath.Base(paths[1]))
			fmt.Fprintf(w, "Say dnssec = true in the zone's TOML, bring the zone and keys/ to every POP, and when all of them serve it: tinycdn dnssec ds %s\n", zones.NameText(apex))
			return nil
		},
	}
	addConfigFlag(c, &file)
	return c
}

func dnssecDSCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "ds ZONE",
		Short: "Show what the parent of a zone is to have of its key",
		Long: "Show what a registrar's form asks for, of the key that lies here. Enter it when every POP serves the signed zone, and the longest\n" +
			"TTL of the zone from before has passed: from then on, whoever validates takes nothing that is not signed by this key.\n\n" +
			"Parents that look for CDS or CDNSKEY records find them in the zone, and need no form.",
		Example: "  tinycdn dnssec ds example.org",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			keys, apex, err := keysOf(file, args[0])
			if err != nil {
				return err
			}
			found := sign.ReadKey(keys, apex)
			if found.Key == nil {
				return problemsOf(found.Problems)
			}
			printDS(c.OutOrStdout(), apex, found.Key)
			return nil
		},
	}
	addConfigFlag(c, &file)
	return c
}

// printDS writes what a parent is to have of a key.
func printDS(w io.Writer, apex []byte, key *sign.Key) {
	ds := key.DS(apex)
	flags, public := binary.BigEndian.Uint16(key.Data), base64.StdEncoding.EncodeToString(key.Data[4:])
	name := zones.NameText(apex)
	if name != "." {
		name += "."
	}
	fmt.Fprintf(w, "As DS, mostly:            key tag %d, algorithm %d, digest type %d, digest %X\n", key.Tag, ds[2], ds[3], ds[4:])
	fmt.Fprintf(w, "Where the key is wanted:  flags %d, protocol 3, algorithm %d, key %s\n", flags, ds[2], public)
	fmt.Fprintf(w, "As records:               %s IN DS %d %d %d %X\n", name, key.Tag, ds[2], ds[3], ds[4:])
	fmt.Fprintf(w, "                          %s IN DNSKEY %d 3 %d %s\n", name, flags, ds[2], public)
}

// problemsOf is an error of all problems, a line each.
func problemsOf(list []diag.Problem) error {
	var all error
	for _, p := range list {
		all = errors.Join(all, errors.New(p.String()))
	}
	return all
}

// keysOf is the folder of the keys of all zones, beside the configuration, and a zone's name.
func keysOf(file, zone string) (keys string, apex []byte, err error) {
	apex, err = zones.Name(zone)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", zone, err)
	}
	path, err := config.Path(file)
	if err != nil {
		return "", nil, err
	}
	return filepath.Join(filepath.Dir(path), "keys"), apex, nil
}
