package setup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Wish is what a machine is to be.
type Wish struct {
	Name   string // of the POP
	Owner  roster.Key
	Listen []string // where it listens for the others; none: at the usual place
	Binary Binary
	joined string // the identity of a machine that was invited: its files are there, and have to become the user's
}

// Identity is the file that says which POP a machine is.
func (w *Wish) Identity() string {
	if w.joined != "" {
		return w.joined
	}
	text := fmt.Sprintf("name %s\nowner %v\n", w.Name, w.Owner)
	for _, address := range w.Listen {
		text += "listen " + address + "\n"
	}
	return text
}

// Plan is what has to be done at a machine.
type Plan struct {
	Does   []string // what is made, or made anew: "binary", "user", "service", "identity", "key", "start"; none: nothing
	Script string
	Binary string // the path of what goes in; "": nothing does
}

var errOwnFiles = errors.New("tinycdn runs there with files of its own: with --replace it becomes a POP of this cluster, and serves nothing until tinycdn publish")

// Check says why a machine is not to be touched.
func (w *Wish) Check(f *Facts, newOwner, replace bool) error {
	owner := f.Owner()
	switch {
	case owner != (roster.Key{}) && owner != w.Owner && !newOwner:
		return fmt.Errorf("it belongs to the cluster of another owner, %s (with --new-owner it becomes yours)", owner.Fingerprint())
	case f.Active && !f.Member && !replace:
		return errOwnFiles
	}
	return nil
}

// Plan compares what is with what is to be. What is right is left alone.
func (w *Wish) Plan(f *Facts) (p Plan, err error) {
	unit, err := Unit(f.Init)
	if err != nil {
		return p, err
	}
	var b strings.Builder
	step := func(name string, lines ...string) {
		p.Does = append(p.Does, name)
		fmt.Fprintf(&b, "# %s\n%s\n", name, strings.Join(lines, "\n"))
	}
	if f.Binary != w.Binary.Sum {
		p.Binary = w.Binary.Path
		step("binary", `mkdir -p "${bin%/*}"`, `cat >"$bin.new"`, `chmod 755 "$bin.new"`, `mv -f "$bin.new" "$bin"`)
	}
	if !f.User {
		step("user", makeUser)
	}
	if f.Unit != sumOf(unit) {
		mode := "644"
		if f.Init == "openrc" {
			mode = "755"
		}
		step("service", `mkdir -p "${unit%/*}"`, `cat >"$unit.new" <<'END OF UNIT'`+"\n"+unit+"END OF UNIT", `chmod `+mode+` "$unit.new"`, `mv -f "$unit.new" "$unit"`)
	}
	if f.Identity != w.Identity() {
		if owner := f.Owner(); owner != (roster.Key{}) && owner != w.Owner {
			b.WriteString("# the roster of another owner does not hold any more; what is served goes on\nrm -f \"$state/roster\"\n")
		}
		step("identity", makeState, `printf '%s' `+Quote(w.Identity())+` >"$new/identity"`, `keep identity 644`)
	}
	if f.Key == (roster.Key{}) && w.joined == "" {
		step("key", makeState, `"$bin" cluster identity --state "$state"`, `chown -h "$user" "$state/key"`)
	}
	if w.joined != "" {
		step("files", `chown -h "$user:" "$state" "$state/identity" "$state/key" "$state/roster"`, `"$bin" cluster identity --state "$state"`)
	}
	switch {
	case len(p.Does) > 0 && f.Active:
		step("restart", restart)
	case len(p.Does) > 0 || !f.Active:
		step("start", restart)
	}
	if len(p.Does) > 0 {
		p.Script = "set -eu\numask 022\n" + where + keep + b.String()
	}
	return p, nil
}

// PlanJoined is what has to be done at this machine, which has joined a cluster, and has its files.
func PlanJoined(program string, f *Facts) (Plan, error) {
	binary, err := FindBinary(program, f)
	if err != nil {
		return Plan{}, err
	}
	w := Wish{Binary: binary, joined: f.Identity}
	return w.Plan(f)
}

const makeUser = `if command -v useradd >/dev/null 2>&1; then
	useradd --system --user-group --no-create-home --home-dir /nonexistent --shell "$(command -v nologin || echo /bin/false)" "$user"
else
	addgroup -S "$user"
	adduser -S -D -H -h /nonexistent -s /sbin/nologin -G "$user" "$user"
fi`

// makeState is a folder of the user's.
const makeState = `mkdir -p -m 750 "$state"
chown -h "$user:" "$state"`

// keep puts a file of $new into the state folder, which is the user's: what root writes is never written there through a link.
const keep = `new=$(mktemp -d /var/lib/.tinycdn.XXXXXX)
trap 'rm -rf "$new"' EXIT
keep() {
	chmod "$2" "$new/$1"
	chown "$user:" "$new/$1"
	mv -f "$new/$1" "$state/$1"
}
`

// restart has the init start what is installed now. It does not wait: whether the POP is up, its channel says.
const restart = `case $init in
systemd)
	systemctl daemon-reload
	systemctl --quiet enable tinycdn.service
	systemctl --no-block restart tinycdn.service
	;;
openrc)
	rc-update --quiet add tinycdn default
	rc-service tinycdn restart
	;;
dinit)
	dinitctl --quiet stop tinycdn || true
	dinitctl --quiet reload tinycdn || true
	dinitctl --quiet enable tinycdn
	dinitctl --quiet start tinycdn
	;;
esac >&2
say restarted`

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Do carries a plan out, and gives the POP's key, which was made on the machine and comes back through ssh.
func (m Machine) Do(ctx context.Context, p Plan, f *Facts) (roster.Key, error) {
	if p.Script == "" {
		return f.Key, nil
	}
	var in io.Reader
	if p.Binary != "" {
		file, err := os.Open(p.Binary)
		if err != nil {
			return f.Key, err
		}
		defer file.Close()
		in = file
	}
	lines, err := m.Run(ctx, p.Script, in, in != nil)
	if err != nil {
		return f.Key, err
	}
	said, err := parseFacts(lines)
	if said.Key == (roster.Key{}) {
		said.Key = f.Key
	}
	if err == nil && said.Key == (roster.Key{}) {
		err = errors.New("it does not tell its key")
	}
	return said.Key, err
}

// PutRoster hands over a signed roster where the channel cannot be reached from here.
func (m Machine) PutRoster(ctx context.Context, signed []byte) error {
	script := "set -eu\numask 022\n" + where + keep + "cat >\"$new/roster\"\nkeep roster 644\n" + restart
	_, err := m.Run(ctx, script, strings.NewReader(string(signed)), false)
	return err
}
