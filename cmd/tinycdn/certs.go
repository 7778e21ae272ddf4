package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/webserver/acme"

	"github.com/spf13/cobra"
)

func certsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "certs",
		Short: "The certificates that the running POP orders by itself",
		Long: "The certificates that the POP that runs on this machine orders by itself, because its configuration has a section [acme]. In\n" +
			"a cluster they are those of all POPs, whichever of them orders.\n\n" +
			"The POP is asked by its socket (web.admin_socket), at which root and the user that tinycdn runs as may ask.",
		Example: "  tinycdn certs list\n  tinycdn certs renew www.example.org",
	}
	var asJSON bool
	list := aboutCerts("list", "How it stands with each: its authority, days left, the next order",
		"How it stands with each certificate: of which authority it is, how many days are left, and when the next one is ordered. Where\n"+
			"there is no new one, it is said why, in the words of the authority, and below it the CAA record that lets this account alone\n"+
			"order, to paste into the zone.",
		"  tinycdn certs list\n  tinycdn certs list --json", cobra.NoArgs, func(client *admin.Client, _ []string, w io.Writer) error {
			text, err := client.Certs()
			if err != nil {
				return err
			}
			if asJSON {
				_, err := w.Write(text)
				return err
			}
			var all []acme.Status
			if json.Unmarshal(text, &all) != nil {
				return errors.New("the POP's answer makes no sense: is it another program's socket?")
			}
			printCerts(w, all, time.Now())
			return nil
		})
	list.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	do := func(what string, reason *string) func(*admin.Client, []string, io.Writer) error {
		return func(client *admin.Client, names []string, w io.Writer) error {
			if err := client.DoWithCerts(what, names, *reason); err != nil {
				return err
			}
			fmt.Fprintln(w, "ordered: tinycdn certs list says what comes of it")
			return nil
		}
	}
	none, reason := "", "unspecified"
	revoke := aboutCerts("revoke NAME", "Have the authority revoke a certificate, and order another one",
		"Have the authority revoke a certificate, and order another one, which has a new key. Until that is here the old one is shown.",
		"  tinycdn certs revoke www.example.org --reason key-compromise", cobra.ExactArgs(1), do("revoke", &reason))
	revoke.Flags().StringVar(&reason, "reason", reason, "`WHY`: "+strings.Join(slices.Sorted(maps.Keys(acme.Reasons)), ", "))
	c.AddCommand(list, revoke,
		aboutCerts("renew [NAME...]", "Order certificates at once, all or those that are named",
			"Order certificates at once, all or those that are named by their sites, and try again what has failed. Each has a new key.",
			"  tinycdn certs renew\n  tinycdn certs renew www.example.org", cobra.ArbitraryArgs, do("renew", &none)),
		aboutCerts("rekey", "Give the accounts new keys, and order all certificates anew",
			"Give the accounts with the authorities new keys, and order all certificates anew, which have new keys then. For when the state\n"+
				"folder may have got into other hands; certs revoke takes the old certificates away.",
			"  tinycdn certs rekey", cobra.NoArgs, do("rekey", &none)))
	return c
}

// aboutCerts is a command that asks the POP.
func aboutCerts(use, short, long, example string, args cobra.PositionalArgs, do func(*admin.Client, []string, io.Writer) error) *cobra.Command {
	var file, socket string
	c := &cobra.Command{Use: use, Short: short, Long: long, Example: example, Args: args}
	c.RunE = func(c *cobra.Command, args []string) error {
		if socket == "" {
			var err error
			if socket, err = socketOf(file); err != nil {
				return err
			}
		}
		client, err := admin.Dial(socket)
		if err != nil {
			return err
		}
		defer client.Close()
		return do(client, args, c.OutOrStdout())
	}
	addConfigFlag(c, &file)
	c.Flags().StringVar(&socket, "socket", "", "the `PATH` of the POP's socket (else web.admin_socket in the configuration)")
	return c
}

// printCerts prints a table of certificates, and below it what there is to say of each.
func printCerts(w io.Writer, all []acme.Status, now time.Time) {
	const minute = "2006-01-02 15:04"
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "certificate\tnames\tauthority\tleft\tnext order (UTC)")
	for _, c := range all {
		left, next := "none", c.Renewal.UTC().Format(minute)
		if !c.Until.IsZero() {
			left = fmt.Sprintf("%d days", int(c.Until.Sub(now).Hours()/24))
		}
		switch {
		case c.Ordering:
			next = "now"
		case c.Renewal.IsZero():
			next = "at once"
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\n", c.Name, len(c.Names), c.Authority, left, next)
	}
	table.Flush()
	for _, c := range all {
		if c.Why != "" {
			fmt.Fprintf(w, "\n%s: no new one: %s\n", c.Name, c.Why)
		}
	}
	for i, c := range all {
		if c.CAA != "" && !slices.ContainsFunc(all[:i], func(before acme.Status) bool { return before.CAA == c.CAA }) {
			fmt.Fprintf(w, "\nthat %s and this account alone may order: @ %s\n", c.Authority, c.CAA)
		}
	}
}
