package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/cmd/tinycdn/config"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func keyPassphraseCommand() *cobra.Command {
	var file string
	var remove bool
	c := &cobra.Command{
		Use:   "passphrase",
		Short: "Put your owner's key under a passphrase, or change it",
		Long: "Put the file of the owner's key under a passphrase, or change it: whoever gets hold of the file then has to guess that before he can say\n" +
			"who belongs to the cluster. It is asked for by setup, invite and what changes the roster. So that publish need not ask, this machine\n" +
			"gets a publisher's key of its own, if none is here, in ~/.config/tinycdn; cluster key remove ends that.\n\n" +
			"Without a terminal, $TINYCDN_PASSPHRASE is the passphrase, and $TINYCDN_NEW_PASSPHRASE the next one. Nobody can open the key without:\n" +
			"keep a copy of the key elsewhere, or write the passphrase down.",
		Example: "  tinycdn cluster key passphrase\n  tinycdn cluster key passphrase --remove",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := untilSignal()
			defer stop()
			return changePassphrase(ctx, file, remove, c.OutOrStdout())
		},
	}
	addConfigFlag(c, &file)
	c.Flags().BoolVar(&remove, "remove", false, "take the passphrase away")
	return c
}

func changePassphrase(ctx context.Context, file string, remove bool, w io.Writer) error {
	path, err := config.Path(file)
	if err != nil {
		return err
	}
	folder := cluster.FolderOf(path)
	members, _, err := folder.Roster()
	if err != nil {
		return err
	}
	if os.Getenv("TINYCDN_KEY") != "" {
		return errors.New("$TINYCDN_KEY is in no file: unset it")
	}
	owner, err := cluster.OwnerFile(members.Owner)
	if err != nil {
		return err
	}
	key, err := owner.Key(askPassphrase)
	if err != nil {
		return err
	}
	next := ""
	if !remove {
		if next, err = askNewPassphrase(owner.Path); err != nil {
			return err
		}
		if err := makePublisher(ctx, folder, members, key, w); err != nil && !holds(err) {
			return err
		}
	}
	name := strings.TrimSuffix(filepath.Base(owner.Path), ".key")
	if err := owner.Write(key, cluster.OwnerComment(name)+": "+owner.Public.Fingerprint(), next); err != nil {
		return err
	}
	if remove {
		fmt.Fprintf(w, "%s is under no passphrase\n", owner.Path)
	} else {
		fmt.Fprintf(w, "%s is under a passphrase\n", owner.Path)
	}
	return nil
}

// makePublisher has this machine publish with a key of its own, so that the owner's may stay locked.
func makePublisher(ctx context.Context, folder cluster.Folder, members *roster.Roster, key roster.PrivateKey, w io.Writer) error {
	if cluster.CanPublish(members) {
		return nil
	}
	o, err := cluster.OpenOwner(ctx, folder, func(roster.Key) (roster.PrivateKey, error) { return key, nil })
	if err != nil {
		return err
	}
	defer o.Close()
	name := publisherName(o.Members)
	own, path, err := cluster.MakeKey(name, "tinycdn: the key with which "+name+" publishes")
	if err != nil {
		return err
	}
	next, err := o.Members.With(roster.Publisher{Name: name, Key: own.Public(), May: roster.Rights})
	if err == nil {
		err = give(ctx, o, next, w)
	}
	if err != nil && !holds(err) {
		os.Remove(path) // nobody knows it
		return err
	}
	fmt.Fprintf(w, "made %s, with which this machine publishes from now on\n", path)
	return err
}

// publisherName is that of this machine, as far as it can be.
func publisherName(r *roster.Roster) string {
	host, _ := os.Hostname()
	host, _, _ = strings.Cut(strings.ToLower(host), ".")
	if roster.Valid(host) != nil {
		host = "laptop"
	}
	for n, name := 2, host; ; n++ {
		_, isPOP := r.POP(name)
		if _, is := r.Publisher(name); !is && !isPOP {
			return name
		}
		name = fmt.Sprintf("%.50s-%d", host, n)
	}
}

// findOwner is the key of a cluster's owner.
func findOwner(owner roster.Key) (roster.PrivateKey, error) {
	return cluster.FindOwner(owner, askPassphrase)
}

// askPassphrase asks for that of a key's file.
func askPassphrase(path string) (string, error) {
	if passphrase, is := os.LookupEnv("TINYCDN_PASSPHRASE"); is {
		return passphrase, nil
	}
	return askHidden("passphrase of "+path+": ", path+" is under a passphrase", "TINYCDN_PASSPHRASE")
}

func askNewPassphrase(path string) (string, error) {
	next, is := os.LookupEnv("TINYCDN_NEW_PASSPHRASE")
	if !is {
		var again string
		var err error
		if next, err = askHidden("new passphrase of "+path+": ", path+" is to get a passphrase", "TINYCDN_NEW_PASSPHRASE"); err != nil {
			return "", err
		}
		if again, err = askHidden("once more: ", "", ""); err != nil {
			return "", err
		}
		if again != next {
			return "", errors.New("these are two passphrases, and nothing was changed")
		}
	}
	if next == "" {
		return "", errors.New("an empty passphrase is none, and nothing was changed (--remove takes it away)")
	}
	return next, nil
}

// askHidden asks at the terminal for what is not shown, also if somebody types before he is asked.
func askHidden(question, why, variable string) (string, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return "", fmt.Errorf("%s: there is no terminal to ask at, and no $%s", why, variable)
	}
	defer tty.Close()
	before, err := term.MakeRaw(int(tty.Fd()))
	if err != nil {
		return "", err
	}
	defer term.Restore(int(tty.Fd()), before)
	text, err := term.NewTerminal(tty, "").ReadPassword(question)
	if errors.Is(err, io.EOF) { // Ctrl-C, too
		err = cluster.ErrInterrupted
	}
	return text, err
}
