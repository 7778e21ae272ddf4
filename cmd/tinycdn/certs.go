package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/words"
	"tinycdn/webserver/acme"

	"github.com/spf13/cobra"
)

func certsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "certs",
		Short: "The certificates that the POPs order by themselves",
		Long: "The certificates that a POP orders by itself, because its configuration has a section [acme]. In a cluster they are those of all\n" +
			"POPs, whichever of them orders.\n\n" +
			"In the folder that a cluster is published from, the POP that orders is asked: by a key that may ask for the status to list them,\n" +
			"and for the rest by one that may publish everything. Else it is the POP that runs on this machine, by its socket\n" +
			"(web.admin_socket), at which root and the user that tinycdn runs as may ask.",
		Example: "  tinycdn certs list\n  tinycdn certs renew www.example.org",
	}
	var asJSON bool
	list := aboutCerts("list", "How it stands with each: its authority, days left, the next order",
		"How it stands with each certificate: of which authority it is, how its names were proved, how many days are left, and when the\n"+
			"next one is ordered. Where there is no new one, it is said why, in the words of the authority; and below it what to paste into\n"+
			"zones: records that prove names for good whose DNS is elsewhere (acme.challenge = \"dns-persist-01\"), and the CAA record that\n"+
			"lets this account alone order.",
		"  tinycdn certs list\n  tinycdn certs list --json", cobra.NoArgs, func(ask asksForCerts, _ []string, w io.Writer) error {
			text, err := ask(cluster.CertsOrder{})
			if err != nil {
				return err
			}
			if asJSON {
				_, err := fmt.Fprintf(w, "%s\n", bytes.TrimSpace(text))
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
	do := func(what string, reason *string) func(asksForCerts, []string, io.Writer) error {
		return func(ask asksForCerts, names []string, w io.Writer) error {
			if _, err := ask(cluster.CertsOrder{Do: what, Names: names, Reason: *reason}); err != nil {
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

// asksForCerts asks how it stands with certificates, or has something done about them.
type asksForCerts func(cluster.CertsOrder) (list []byte, err error)

// aboutCerts is a command that asks the POPs.
func aboutCerts(use, short, long, example string, args cobra.PositionalArgs, do func(asksForCerts, []string, io.Writer) error) *cobra.Command {
	var file, socket string
	c := &cobra.Command{Use: use, Short: short, Long: long, Example: example, Args: args}
	c.RunE = func(c *cobra.Command, args []string) error {
		ctx, stop := untilSignal()
		defer stop()
		ask, done, err := whoHasCerts(ctx, file, socket)
		if err != nil {
			return err
		}
		defer done()
		return do(ask, args, c.OutOrStdout())
	}
	addConfigFlag(c, &file)
	c.Flags().StringVar(&socket, "socket", "", "the `PATH` of the POP's socket (else web.admin_socket in the configuration)")
	return c
}

// whoHasCerts is the cluster that is published from the folder of the configuration, or the POP behind a socket.
func whoHasCerts(ctx context.Context, file, socket string) (ask asksForCerts, done func(), err error) {
	s, client, err := asked(file, socket)
	switch {
	case err != nil:
		return nil, nil, err
	case s != nil:
		return func(o cluster.CertsOrder) ([]byte, error) { return s.Certs(ctx, o) }, s.Close, nil
	}
	return func(o cluster.CertsOrder) ([]byte, error) {
		if o.Do == "" {
			return client.Certs()
		}
		return nil, client.DoWithCerts(o.Do, o.Names, o.Reason)
	}, client.Close, nil
}

// printCerts prints a table of certificates, and below it what there is to say of each.
func printCerts(w io.Writer, all []acme.Status, now time.Time) {
	const minute = "2006-01-02 15:04"
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "certificate\tnames\tauthority\tby\tleft\tnext order (UTC)")
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
		method := cmp.Or(words.Line(c.Method), "-")
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\n", words.Line(c.Name), len(c.Names), words.Line(c.Authority), method, left, next)
	}
	table.Flush()
	for _, c := range all {
		if c.Why != "" {
			fmt.Fprintf(w, "\n%s: no new one: %s\n", words.Line(c.Name), words.Line(c.Why))
		}
	}
	for _, c := range all {
		if len(c.Paste) > 0 {
			fmt.Fprintf(w, "\n%s: proved for good where its DNS is, by:\n", words.Line(c.Name))
			for _, record := range c.Paste {
				fmt.Fprintln(w, words.Line(record))
			}
		}
	}
	for i, c := range all {
		if c.CAA != "" && !slices.ContainsFunc(all[:i], func(before acme.Status) bool { return before.CAA == c.CAA }) {
			fmt.Fprintf(w, "\nthat %s and this account alone may order: @ %s\n", words.Line(c.Authority), words.Line(c.CAA))
		}
	}
}
