package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/dashboard"
	"tinycdn/cmd/tinycdn/exit"
	"tinycdn/cmd/tinycdn/publishing"
	"tinycdn/cmd/tinycdn/session"
	"tinycdn/cmd/tinycdn/words"
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
			"until the command is ended. Its address is good once.\n\n" +
			"In the folder that a cluster is published from, with a key that may publish, it brings back earlier generations, too, as tinycdn rollback\n" +
			"does: it shows what would change, and asks. If the key is under a passphrase, this terminal asks for that.\n\n" + sightText,
		Example: "  tinycdn dashboard\n  tinycdn dashboard fra\n  tinycdn dashboard --no-browser",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return s.with(args, func(ctx context.Context, pop *admin.Client) error {
				return s.showPage(ctx, pop, !stay, c.OutOrStdout())
			})
		},
	}
	s.add(c)
	c.Flags().BoolVar(&stay, "no-browser", false, "say where the page is, and open no browser")
	return c
}

// showPage has a page at a port of loopback until somebody ends the command.
func (s *sight) showPage(ctx context.Context, pop *admin.Client, open bool, w io.Writer) error {
	// To be told at once, and not by a page that stays empty.
	if err := dashboard.Follow(ctx, pop.Transport(), func(*dashboard.State, *dashboard.Moves) bool { return false }); err != nil {
		return err
	}
	gate, err := dashboard.OpenGate()
	if err != nil {
		return err
	}
	gate.RollBack, gate.Why = s.rollBack(w)
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

// rollBack is how the page brings back what was published before, if it is here that somebody may; else why not. What it says stands at the
// terminal, too, which asks for the passphrase of the key if that is under one.
func (s *sight) rollBack(w io.Writer) (dashboard.RollBack, string) {
	path, err := config.Path(s.file)
	if err != nil {
		return nil, dashboard.Elsewhere
	}
	members, _, err := cluster.FolderOf(path).Roster()
	if err == nil {
		err = cluster.HasKey(members)
	}
	if errors.Is(err, cluster.ErrNoCluster) {
		return nil, dashboard.Elsewhere
	} else if err != nil {
		return nil, fmt.Sprintf("%s (here: %v)", dashboard.Elsewhere, err)
	}
	open := map[string]string{} // passphrases that were right
	return func(ctx context.Context, o dashboard.Order, page io.Writer) (int, error) {
		said, tried := io.MultiWriter(page, w), maps.Clone(open)
		fmt.Fprintf(w, "\ntinycdn rollback %d%s, from the page:\n", o.To, map[bool]string{true: " -n"}[o.Dry])
		to, err := session.Join(path, func(file string) (string, error) {
			if tried[file] != "" {
				return tried[file], nil
			}
			fmt.Fprintf(page, "The terminal in which tinycdn dashboard runs asks for the passphrase of %s.\n", filepath.Base(file))
			passphrase, err := askPassphrase(file)
			tried[file] = passphrase
			return passphrase, err
		})
		if err == nil {
			defer to.Close()
			open = tried
			err = publishing.Rollback(ctx, to, &publishing.Options{Dry: o.Dry, Yes: o.Yes, Seen: o.Live}, o.To, said)
		}
		if err == nil {
			return 0, nil
		}
		return exit.Of(err)
	}, ""
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
	if errors.Is(err, admin.ErrNobody) && s.socket == "" {
		return fmt.Errorf("%w%s", err, s.others())
	}
	if err != nil {
		return err
	}
	defer pop.Close()
	return do(ctx, pop)
}

// others names the POPs that there are elsewhere.
func (s *sight) others() string {
	path, err := config.Path(s.file)
	if err != nil {
		return ""
	}
	var names []string
	for _, p := range config.Load(path).POPs {
		names = append(names, p.Name)
	}
	if len(names) == 0 {
		return ""
	}
	return "; to look at another POP, name it: " + words.Few(names)
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
