package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/session"

	"github.com/spf13/cobra"
)

func purgeCommand() *cobra.Command {
	var file, socket string
	c := &cobra.Command{
		Use:   "purge URL...",
		Short: "Have the running POP, or all POPs of a cluster, forget responses of applications",
		Long: "Have the POP that runs on this machine forget what it keeps of an application, before its time: the next visitor gets it\n" +
			"anew. A URL is purged with its query, in all spellings and variants, over HTTP and HTTPS. With * at its end it is all that\n" +
			"begins so; quote it for the shell. For each URL it is told how many responses were forgotten.\n\n" +
			"In a cluster, it is all POPs that forget: the POP tells the others. In the folder that a cluster is published from, they are asked\n" +
			"from here. The exit status is 3 if a POP did not answer within a second; it makes up for it as soon as it does.\n\n" +
			"The POP is asked by its socket (web.admin_socket), at which root and the user that tinycdn runs as may ask.",
		Example: "  tinycdn purge https://www.example.org/page\n  tinycdn purge 'https://www.example.org/blog/*' 'https://www.example.org/news?page=2'\n" +
			"  tinycdn purge 'https://www.example.org/*'",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			urls, err := purgeURLs(args)
			if err != nil {
				return err
			}
			forget, done, err := whoForgets(file, socket)
			if err != nil {
				return err
			}
			defer done()
			return purge(args, urls, c.OutOrStdout(), forget)
		},
	}
	addConfigFlag(c, &file)
	c.Flags().StringVar(&socket, "socket", "", "the `PATH` of the POP's socket (else web.admin_socket in the configuration)")
	return c
}

// forgets has a URL forgotten, and says what came of it, and whether that is so at every POP.
type forgets func(*url.URL) (text string, whole bool, err error)

// whoForgets is the POP behind a socket, or the cluster that is published from the folder of the configuration.
func whoForgets(file, socket string) (f forgets, done func(), err error) {
	s, client, err := asked(file, socket)
	switch {
	case err != nil:
		return nil, nil, err
	case s != nil:
		ctx, stop := untilSignal()
		return forgetsByCluster(ctx, s), func() { stop(); s.Close() }, nil
	}
	return client.Purge, client.Close, nil
}

// purge has URLs forgotten, and says what came of each.
func purge(args []string, urls []*url.URL, w io.Writer, forget forgets) error {
	var failed error
	status := 0
	for i, u := range urls {
		forgotten, whole, err := forget(u)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", args[i], err))
			continue
		}
		if !whole {
			status = exit.Partly
		}
		fmt.Fprintf(w, "%s: %s\n", args[i], forgotten)
	}
	if failed == nil && status != 0 {
		return exit.With(status, nil)
	}
	return failed
}

// forgetsByCluster has the POPs of a cluster forget a URL.
func forgetsByCluster(ctx context.Context, s *session.Session) forgets {
	return func(u *url.URL) (string, bool, error) {
		purged, err := s.Purge(ctx, u.String())
		return purged.String(), len(purged.Silent) == 0, err
	}
}

// purgeURLs reads URLs, of which none is purged if one is wrong.
func purgeURLs(texts []string) (all []*url.URL, err error) {
	for _, text := range texts {
		u, err := purgeURL(text)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

// purgeURL reads a URL, for which a host and a path will do.
func purgeURL(text string) (*url.URL, error) {
	whole := text
	if !strings.Contains(text, "://") {
		whole = "https://" + text
	}
	u, err := url.Parse(whole)
	switch {
	case err != nil:
		if why := new(url.Error); errors.As(err, &why) {
			err = why.Err
		}
		return nil, fmt.Errorf("%s: this is no URL: %w", text, err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%s: only http and https have pages", text)
	case u.Hostname() == "":
		return nil, fmt.Errorf("%s: it has no host: write https://www.example.org/page", text)
	}
	u.User = nil
	u.RawQuery = strings.ReplaceAll(u.RawQuery, " ", "%20")
	return u, nil
}
