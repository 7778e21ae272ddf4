// Package setup puts tinycdn in place on other machines, over the ssh that its user has anyway.
package setup

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// Machine is one that is reached by ssh.
type Machine struct {
	Host string // as ssh is told; "": it is this one, and we are root
	Ask  bool   // whether ssh may ask its user something: for a password, or whether that is the right machine
}

// asRoot is what runs first on a machine, in whatever shell its user has: it has sh run the script as root. There is no backslash in
// it, and none in the scripts, so that fish reads them as sh does.
const asRoot = `if [ "$(id -u)" = 0 ]; then exec sh -c "$1"
elif command -v sudo >/dev/null 2>&1; then exec sudo -n sh -c "$1"
elif command -v doas >/dev/null 2>&1; then exec doas -n sh -c "$1"
else echo "neither root nor sudo" >&2; exit 1; fi`

// line begins each line of a script's output that is meant for us. Shells greet in their own words.
const line = "tinycdn: "

// Run has a script run as root, with one connection for all of it, and gives the lines that it says. Packed says that what goes in is large.
func (m Machine) Run(ctx context.Context, script string, in io.Reader, packed bool) ([]string, error) {
	args := m.command(script, packed)
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.WaitDelay = time.Second
	var out, wrong bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = in, &out, &wrong
	err := c.Run()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("there is no ssh here: install OpenSSH's client, or bring the POP in with tinycdn invite")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s", cmp.Or(m.Host, "sh"), lastWords(wrong.String(), err))
	}
	var lines []string
	for l := range strings.Lines(out.String()) {
		if said, ok := strings.CutPrefix(strings.TrimRight(l, "\r\n"), line); ok {
			lines = append(lines, said)
		}
	}
	return lines, nil
}

func (m Machine) command(script string, packed bool) []string {
	if m.Host == "" {
		return []string{"sh", "-c", script}
	}
	args := []string{"ssh", "-T", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3"}
	if !m.Ask {
		args = append(args, "-o", "BatchMode=yes")
	}
	if packed {
		args = append(args, "-C")
	}
	return append(args, "--", m.Host, "exec sh -c "+Quote(asRoot)+" sh "+Quote(script))
}

// lastWords is what a program said last before it failed.
func lastWords(said string, err error) string {
	lines := strings.FieldsFunc(said, func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) == 0 {
		return err.Error()
	}
	return strings.TrimSpace(strings.TrimPrefix(lines[len(lines)-1], "ssh: "))
}

// Quote makes a text one word of a shell.
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
