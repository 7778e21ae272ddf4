package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/cmd/tinycdn/config"

	"github.com/spf13/cobra"
)

func purgeCommand() *cobra.Command {
	var file, socket string
	c := &cobra.Command{
		Use:   "purge URL...",
		Short: "Have the running POP forget responses of applications",
		Long: "Have the POP that runs on this machine forget what it keeps of an application, before its time: the next visitor gets it\n" +
			"anew. A URL is purged with its query, in all spellings and variants, over HTTP and HTTPS. With * at its end it is all that\n" +
			"begins so; quote it for the shell. For each URL it is told how many responses were forgotten. Other POPs are not asked.\n\n" +
			"The POP is asked by its socket (web.admin_socket), at which root and the user that tinycdn runs as may ask.",
		Example: "  tinycdn purge https://www.example.org/page\n  tinycdn purge 'https://www.example.org/blog/*' 'https://www.example.org/news?page=2'\n" +
			"  tinycdn purge 'https://www.example.org/*'",
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if socket == "" {
				var err error
				if socket, err = socketOf(file); err != nil {
					return err
				}
			}
			return purge(socket, args, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	c.Flags().StringVar(&socket, "socket", "", "the `PATH` of the POP's socket (else web.admin_socket in the configuration)")
	return c
}

// socketOf is the socket that a configuration names, or the usual one if there is none to be read.
func socketOf(file string) (string, error) {
	path, err := config.Path(file)
	if err != nil {
		return config.AdminSocket(), nil
	}
	c := config.Load(path)
	switch {
	case c.Web.AdminSocket != "":
		return c.Web.AdminSocket, nil
	case len(c.Mistakes) > 0:
		return "", fmt.Errorf("%w (--socket names the POP's socket without it)", c.Mistakes[0])
	}
	return "", fmt.Errorf("%s: web.admin_socket is empty: this POP has no socket to be asked by", path)
}

// purge has the POP behind the socket forget the URLs, of which none is purged if one is wrong.
func purge(socket string, urls []string, w io.Writer) error {
	var all []*url.URL
	for _, text := range urls {
		u, err := purgeURL(text)
		if err != nil {
			return err
		}
		all = append(all, u)
	}
	client, err := admin.Dial(socket)
	if err != nil {
		return err
	}
	defer client.Close()
	var failed error
	for i, u := range all {
		forgotten, err := client.Purge(u)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", urls[i], err))
			continue
		}
		fmt.Fprintf(w, "%s: %d forgotten\n", urls[i], forgotten)
	}
	return failed
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
