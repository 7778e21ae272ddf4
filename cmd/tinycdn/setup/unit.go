package setup

import (
	"fmt"
	"strings"

	"tinycdn/packaging"
)

// Unit is that of a POP of a cluster, for an init: the one that lies in packaging, but for where the POP's files are.
func Unit(init string) (text string, err error) {
	type change struct{ from, to string }
	const files, state = "serve --config /etc/tinycdn/tinycdn.toml", "serve --state " + statePath
	var changes []change
	switch init {
	case "systemd":
		text, changes = packaging.Systemd, []change{
			{files, state},
			// The user is there already, and owns the folder that outlives the process.
			{"\nDynamicUser=yes\n", "\n"},
			{"The user is made for the time that it runs, unless there is one of that name.", "Its generations are in " + statePath + "."},
		}
	case "openrc":
		text, changes = packaging.OpenRC, []change{
			{files, state},
			{"\"$command\" check --config /etc/tinycdn/tinycdn.toml", "\"$command\" check --config " + statePath + "/view/tinycdn.toml"},
		}
	case "dinit":
		text, changes = packaging.Dinit, []change{
			{files, state},
			// It is needed for nothing, and dinit starts nothing without a file that is named.
			{"\nenv-file = /etc/tinycdn/environment\n", "\n"},
		}
	default:
		return "", fmt.Errorf("its init is none of systemd, OpenRC and dinit: start %s %s there by yourself", binaryPath, state)
	}
	for _, c := range changes {
		if !strings.Contains(text, c.from) {
			panic("setup: the unit for " + init + " has no " + c.from) // a test reads all of them
		}
		text = strings.Replace(text, c.from, c.to, 1)
	}
	return withoutHints(text), nil
}

// withoutHints leaves out what a unit says, in its first lines, is to be done by hand.
func withoutHints(text string) string {
	var kept strings.Builder
	for l := range strings.Lines(text) {
		if !strings.Contains(l, "TINYCDN_POP=") && !strings.Contains(l, "ake the user first") {
			kept.WriteString(l)
		}
	}
	return kept.String()
}
