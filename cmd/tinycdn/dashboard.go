package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"slices"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/dashboard"
	"tinycdn/zones/diag"
	"tinycdn/zones/steer"

	"github.com/spf13/cobra"
)

// sight is the POP that is looked at: the one here, or one that ssh leads to.
type sight struct{ file, socket string }

func (s *sight) add(c *cobra.Command) {
	addConfigFlag(c, &s.file)
	c.Flags().StringVar(&s.socket, "socket", "", "the `PATH` of the POP's socket (else web.admin_socket in the configuration)")
}

const sightText = "Without a POP, it is the one that runs on this machine, which is asked by its socket (web.admin_socket). With one, ssh leads to the\n" +
	"socket of that one, as pops.NAME.ssh says, else as root: who logs in there must be allowed to open the socket. No port is opened\n" +
	"at the POP."

func dashboardCommand() *cobra.Command {
	var s sight
	var stay bool
	c := &cobra.Command{
		Use:   "dashboard [POP]",
		Short: "Show in a browser how all is, and who goes where",
		Long: "Open a page in the browser: POPs and who sees whom, what moves each second, the map of who goes where, certificates, reloads and\n" +
			"what went wrong with them, why an address goes where it goes, and buttons that drain. The page is there, for that browser alone,\n" +
			"until the command is ended. Its address is good once.\n\n" + sightText,
		Example: "  tinycdn dashboard\n  tinycdn dashboard fra\n  tinycdn dashboard --no-browser",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return s.with(args, func(ctx context.Context, pop *admin.Client) error {
				return showPage(ctx, pop, !stay, c.OutOrStdout())
			})
		},
	}
	s.add(c)
	c.Flags().BoolVar(&stay, "no-browser", false, "say where the page is, and open no browser")
	return c
}

// showPage has a page at a port of loopback until somebody ends the command.
func showPage(ctx context.Context, pop *admin.Client, open bool, w io.Writer) error {
	// To be told at once, and not by a page that stays empty.
	if err := dashboard.Follow(ctx, pop.Transport(), func(*dashboard.State, *dashboard.Moves) bool { return false }); err != nil {
		return err
	}
	gate, err := dashboard.OpenGate()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s\nis the dashboard, for the first who opens it; Ctrl-C ends it\n", gate.Address())
	if open {
		opener := "xdg-open"
		if runtime.GOOS == "darwin" {
			opener = "open"
		}
		browser := exec.CommandContext(ctx, opener, gate.Address())
		if err := browser.Start(); err != nil {
			fmt.Fprintf(w, "no browser could be opened (%v): open that address in one on this machine\n", err)
		} else {
			go browser.Wait()
		}
	}
	return gate.Serve(ctx, pop.Transport())
}

// with does something with that POP, until somebody ends the command.
func (s *sight) with(args []string, do func(context.Context, *admin.Client) error) error {
	ctx, stop := untilSignal()
	defer stop()
	socket := s.socket
	if len(args) > 0 {
		host, there, err := s.elsewhere(args[0])
		if err != nil {
			return err
		}
		here, end, err := dashboard.Tunnel(ctx, host, there)
		if err != nil {
			return err
		}
		defer end()
		socket = here
	}
	pop, err := dial(s.file, socket)
	if err != nil {
		return err
	}
	defer pop.Close()
	return do(ctx, pop)
}

// elsewhere is how ssh comes to a POP, and where its socket is.
func (s *sight) elsewhere(name string) (host, socket string, err error) {
	path, err := config.Path(s.file)
	if err != nil {
		return "", "", err
	}
	c := config.Load(path)
	var names []string
	for _, p := range c.POPs {
		names = append(names, p.Name)
	}
	i := slices.IndexFunc(c.POPs, func(p steer.POP) bool { return p.Name == name })
	switch {
	case i < 0 && len(c.Mistakes) > 0:
		return "", "", c.Mistakes[0]
	case i < 0:
		return "", "", fmt.Errorf("%s: there is no POP %q%s", path, name, diag.DidYouMean(name, names))
	case len(c.POPs[i].Addresses) == 0 && c.SSH[name] == "":
		return "", "", fmt.Errorf("%s: pops.%s.ssh does not say how ssh comes there", path, name)
	case s.socket == "" && c.Web.AdminSocket == "":
		return "", "", fmt.Errorf("%s: web.admin_socket is empty: the POPs have no socket to be asked by", path)
	}
	host = c.SSH[name]
	if host == "" {
		host = "root@" + c.POPs[i].Addresses[0].String()
	}
	return host, cmp.Or(s.socket, c.Web.AdminSocket), nil
}
