package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tinycdn/tests/testkit"
)

// TestGoldenCLI runs every command of cli.commands in one folder, and compares what each says with cli.txt. None of them
// goes on for long: a server that is to be started here has a mistake in its configuration.
func TestGoldenCLI(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, readGolden(t, "cli.house"))
	places, err := os.ReadFile(filepath.Join(h.Folder, "places"))
	if err != nil {
		t.Fatal(err)
	}
	if err := testkit.WriteMMDB(filepath.Join(h.Folder, "places.mmdb"), string(places)); err != nil {
		t.Fatal(err)
	}
	date(t, h, "public", "pages", "badpublic", "badpages")
	text := &strings.Builder{}
	for line := range strings.Lines(readGolden(t, "cli.commands")) {
		words := strings.Fields(line)
		if words[0] == "#" {
			continue
		}
		cmd := testkit.Command(words...)
		cmd.Dir = h.Folder
		cmd.Env = append(os.Environ(), "TINYCDN_POP=")
		var out, wrong bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &wrong
		end := 0
		if err := cmd.Run(); err != nil {
			var exit *exec.ExitError
			if !errors.As(err, &exit) {
				t.Fatal(err)
			}
			end = exit.ExitCode()
		}
		fmt.Fprintf(text, "\n=== %s: %d\n", strings.TrimSpace(line), end)
		for line := range strings.Lines(steadyOutput(h, out.String())) {
			text.WriteString("  " + strings.TrimRight(line, "\n") + "\n")
		}
		for line := range strings.Lines(steadyOutput(h, wrong.String())) {
			text.WriteString("  stderr: " + strings.TrimRight(line, "\n") + "\n")
		}
	}
	wantGolden(t, "cli.txt", text.String()[1:])
}

var unsteadyOutput = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\dT[\d:.]+Z`), "(time)"},
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\d\b`), "(day)"},
	{regexp.MustCompile(`serial 1[789]\d{8}\b`), "serial (time)"}, // of a TOML zone
	{regexp.MustCompile(`(?m)^tinycdn .+ \(go[^)]*\)$`), "tinycdn (version)"},
}

// steadyOutput puts words in the place of what differs from time to time.
func steadyOutput(h *testkit.Host, text string) string {
	for _, u := range unsteadyOutput {
		text = u.pattern.ReplaceAllString(text, u.instead)
	}
	return steady(h, text)
}
