package protocol

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

func TestTheOwnersKeyMayBeUnderAPassphrase(t *testing.T) {
	t.Parallel()
	c := newCluster(t, clusterFiles)
	c.run(0, "", "publish")
	file := filepath.Join(c.base, "tinycdn", "owner.key")
	open, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c.run(1, "there is no terminal to ask at, and no $TINYCDN_NEW_PASSPHRASE", "cluster", "key", "passphrase")
	plain := c.env
	c.env = append(plain, "TINYCDN_NEW_PASSPHRASE=correct horse")
	out := c.run(0, "owner.key is under a passphrase", "cluster", "key", "passphrase")
	if !strings.Contains(out, "roster 2 holds at fra, nyc, syd") || !strings.Contains(out, "with which this machine publishes from now on") {
		t.Error(out)
	}
	if text, err := os.ReadFile(file); err != nil || bytes.Contains(text, bytes.TrimSpace(open)) || !bytes.Contains(text, []byte("-----BEGIN AGE ENCRYPTED FILE-----")) {
		t.Errorf("%s %v", text, err)
	}
	c.env = plain
	c.edit("public/index.html", "two\n")
	c.run(0, "live        generation 2 at fra, nyc, syd", "publish")
	c.run(1, "owner.key is under a passphrase: there is no terminal to ask at, and no $TINYCDN_PASSPHRASE", "cluster", "key", "add", "ci")
	c.env = append(plain, "TINYCDN_PASSPHRASE=wrong horse")
	if out := c.run(1, "owner.key: this is not its passphrase", "cluster", "key", "add", "ci"); strings.Count(out, "\n") != 1 {
		t.Errorf("more than a line:\n%s", out)
	}
	c.env = append(plain, "TINYCDN_PASSPHRASE=correct horse")
	c.run(0, "roster 3 holds", "cluster", "key", "add", "ci")

	// At a terminal nothing of it is shown.
	c.env = plain
	shown := c.atTerminal([]string{"passphrase of", "new passphrase of", "once more"}, []string{"correct horse", "battery", "battery"}, "cluster", "key", "passphrase")
	if strings.Contains(shown, "horse") || strings.Contains(shown, "battery") || !strings.Contains(shown, "is under a passphrase") {
		t.Errorf("the terminal shows\n%s", shown)
	}
	c.env = append(plain, "TINYCDN_PASSPHRASE=battery")
	c.run(0, "owner.key is under no passphrase", "cluster", "key", "passphrase", "--remove")
	c.env = plain
	c.run(0, "roster 4 holds", "cluster", "key", "remove", "ci")
	if now, _ := os.ReadFile(file); !bytes.Contains(now, bytes.TrimSpace(open)) {
		t.Errorf("it was\n%sand is\n%s", open, now)
	}
}

// atTerminal runs a command at a terminal of its own, gives each answer when its question stands there, and gives what is shown.
func (c *cluster) atTerminal(questions, answers []string, args ...string) string {
	c.t.Helper()
	cmd := testkit.Command(args...)
	cmd.Dir, cmd.Env = c.folder, c.env
	shown, err := testkit.AtTerminal(c.t, cmd, func(shown string) (typed string) {
		if len(questions) > 0 && strings.Contains(shown, questions[0]) && strings.HasSuffix(shown, ": ") {
			typed = answers[0] + "\n"
			questions, answers = questions[1:], answers[1:]
		}
		return typed
	})
	if err != nil {
		c.t.Errorf("%v: %v\n%s", args, err, shown)
	}
	return shown
}
