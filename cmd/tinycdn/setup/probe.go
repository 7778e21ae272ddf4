package setup

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Facts are what a machine is, and what of tinycdn is there.
type Facts struct {
	OS, Arch string // as the Go tool names them
	System   string // "Debian 12"
	Init     string // "systemd", "openrc" or "dinit"; "": none of them
	User     bool   // whether there is the one that tinycdn runs as
	Active   bool   // whether it runs
	Member   bool   // whether its unit is that of a POP of a cluster
	Binary   string // its SHA-256, in hexadecimal; "": there is none
	Unit     string // likewise
	Identity string // of the POP; "": there is none
	Roster   []byte // signed; none: it has none yet
	Key      roster.Key
}

// The places on a machine.
const (
	binaryPath = "/usr/local/bin/tinycdn"
	statePath  = "/var/lib/tinycdn"
)

// where are the variables of all scripts.
const where = `say() { echo "tinycdn: $*"; }
bin=` + binaryPath + ` state=` + statePath + `
init= unit= user=tinycdn
if [ -d /run/systemd/system ]; then init=systemd unit=/etc/systemd/system/tinycdn.service
elif [ -d /run/openrc ]; then init=openrc unit=/etc/init.d/tinycdn
elif [ -e /run/dinitctl ]; then init=dinit unit=/etc/dinit.d/tinycdn user=_tinycdn
fi
active() {
	case $init in
	systemd) systemctl --quiet is-active tinycdn.service ;;
	openrc) rc-service --quiet tinycdn status ;;
	dinit) dinitctl --quiet is-started tinycdn ;;
	*) false ;;
	esac >/dev/null 2>&1
}
`

// Probe looks, and changes nothing.
const Probe = where + `sum() { if [ -f "$1" ]; then sha256sum <"$1" | cut -c 1-64; fi; }
say os "$(uname -s)"
say arch "$(uname -m)"
if [ -r /etc/os-release ]; then say system "$(. /etc/os-release; echo "${NAME%% *} $VERSION_ID")"; fi
say init "$init"
if id "$user" >/dev/null 2>&1; then say user yes; fi
if active; then say active yes; fi
say binary "$(sum "$bin")"
if [ -n "$unit" ]; then say unit "$(sum "$unit")"; fi
if [ -f "$unit" ] && grep -q "serve --state" "$unit"; then say member yes; fi
if [ -f "$state/identity" ]; then sed 's/^/tinycdn: identity /' "$state/identity"; fi
if [ -f "$state/roster" ]; then sed 's/^/tinycdn: roster /' "$state/roster"; fi
if [ -f "$state/key" ] && [ -x "$bin" ]; then "$bin" cluster identity --state "$state" || true; fi
`

// Probe looks what a machine is.
func (m Machine) Probe(ctx context.Context) (Facts, error) {
	lines, err := m.Run(ctx, Probe, nil, false)
	if err != nil {
		return Facts{}, err
	}
	f, err := parseFacts(lines)
	if err == nil && f.OS == "" {
		err = fmt.Errorf("%s: the machine says nothing of itself", m.Host)
	}
	return f, err
}

func parseFacts(lines []string) (f Facts, err error) {
	for _, l := range lines {
		what, value, _ := strings.Cut(l, " ")
		switch what {
		case "os":
			f.OS = strings.ToLower(value)
		case "arch":
			f.Arch = goArch(value)
		case "system":
			f.System = strings.TrimSpace(value)
		case "init":
			f.Init = value
		case "user":
			f.User = true
		case "active":
			f.Active = true
		case "member":
			f.Member = true
		case "binary":
			f.Binary = value
		case "unit":
			f.Unit = value
		case "identity":
			f.Identity += value + "\n"
		case "roster":
			f.Roster = fmt.Appendf(f.Roster, "%s\n", value)
		case "key":
			f.Key, err = roster.ParseKey(value)
		}
		if err != nil {
			return f, err
		}
	}
	return f, nil
}

// Owner is the key of the owner of the cluster that the machine belongs to; zero: it belongs to none.
func (f *Facts) Owner() (owner roster.Key) {
	for l := range strings.Lines(f.Identity) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(l), "owner "); ok {
			owner, _ = roster.ParseKey(value)
		}
	}
	return owner
}

// HasNewerRoster says whether what the machine has is a roster after r.
func (f *Facts) HasNewerRoster(r *roster.Roster) (*roster.Roster, bool) {
	if len(bytes.TrimSpace(f.Roster)) == 0 {
		return nil, false
	}
	next, err := r.Accept(f.Roster)
	return next, err == nil
}

// goArch is the Go tool's name of an architecture that uname tells.
func goArch(machine string) string {
	names := map[string]string{
		"x86_64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386", "ppc64le": "ppc64le", "riscv64": "riscv64",
		"s390x": "s390x", "loongarch64": "loong64",
	}
	if name, ok := names[machine]; ok {
		return name
	}
	if slices.Contains([]string{"armv6l", "armv7l", "armv8l"}, machine) {
		return "arm"
	}
	return machine
}
