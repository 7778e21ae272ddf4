package testkit

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Machine is a server that is reached by ssh: a real sshd in a mount namespace of its own, so that it has an /etc, a /run, a /var/lib and a
// /usr/local to itself, and an init that writes down what it is asked for.
type Machine struct {
	Name, Address, Init string
	Folder              string // what it has to itself is below it
	sshd                *exec.Cmd
}

// Machines are some that one user reaches by their names.
type Machines struct {
	folder string
	List   map[string]*Machine
}

// Path is a file of the machine's as the test sees it: "/etc/passwd".
func (m *Machine) Path(file string) string {
	for _, own := range [][2]string{{"/etc/", "etc"}, {"/run/", "run"}, {"/var/lib/", "lib"}, {"/usr/local/", "local"}} {
		if rest, ok := strings.CutPrefix(file, own[0]); ok {
			return filepath.Join(m.Folder, own[1], rest)
		}
	}
	panic("testkit: no machine has " + file + " to itself")
}

// Read gives a file of the machine; "": there is none.
func (m *Machine) Read(file string) string {
	text, _ := os.ReadFile(m.Path(file))
	return string(text)
}

// NewMachines starts the machines of the tutorial, 192.0.2.1 to 192.0.2.3; inits are by name: "systemd", "openrc" or "dinit". Where that is not allowed the test is skipped.
func NewMachines(t *testing.T, port int, inits map[string]string) *Machines {
	t.Helper()
	if out, err := exec.Command("unshare", "--mount", "true").CombinedOutput(); err != nil {
		leaveOut(t, "no mount namespaces here, without which there are no machines", fmt.Sprintf("%v %s", err, out))
	}
	all := &Machines{folder: t.TempDir(), List: map[string]*Machine{}}
	must(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", all.file("id"))
	must(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", all.file("hostkey"))
	config := ""
	for i, name := range []string{"nyc", "fra", "syd"} {
		m := &Machine{Name: name, Address: fmt.Sprintf("127.0.0.%d", i+1), Init: inits[name], Folder: all.file(name)}
		all.List[name] = m
		m.furnish(t)
		m.Start(t, all, port)
		config += fmt.Sprintf("Host %s 192.0.2.%d\n\tHostName %s\n\tPort %d\n\tUser root\n", name, i+1, m.Address, port)
	}
	config += fmt.Sprintf("Host *\n\tIdentityFile %s\n\tIdentitiesOnly yes\n\tStrictHostKeyChecking no\n\tUserKnownHostsFile /dev/null\n\tLogLevel ERROR\n", all.file("id"))
	write(t, all.file("ssh_config"), config, 0o644)
	real, err := exec.LookPath("ssh")
	if err != nil {
		t.Fatal(err)
	}
	write(t, all.file("bin/ssh"), fmt.Sprintf("#!/bin/sh\nexec %s -F %s \"$@\"\n", real, all.file("ssh_config")), 0o755)
	return all
}

func (all *Machines) file(name string) string { return filepath.Join(all.folder, name) }

// SSH is the user's program of that name.
func (all *Machines) SSH() string { return all.file("bin/ssh") }

// Home is the user's.
func (all *Machines) Home() string { return all.file("home") }

// Environ is that of the user who reaches the machines: his ssh, and a home of his own.
func (all *Machines) Environ() []string {
	return append(os.Environ(), "PATH="+all.file("bin")+":"+os.Getenv("PATH"), "HOME="+all.file("home"), "XDG_CONFIG_HOME="+all.file("home/.config"))
}

// furnish lays out what the machine has to itself.
func (m *Machine) furnish(t *testing.T) {
	t.Helper()
	for _, folder := range []string{"run/sshd", "lib", "local/bin", "local/sbin"} {
		if err := os.MkdirAll(filepath.Join(m.Folder, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	os.Chmod(m.Folder, 0o755)
	must(t, "cp", "-a", "/etc", m.Path("/etc/"))
	must(t, "rm", "-rf", m.Path("/etc/tinycdn"), m.Path("/etc/systemd/system/tinycdn.service"))
	write(t, m.Path("/usr/local/sbin/init-of-tests"), fakeInit, 0o755)
	for init, made := range map[string][]string{
		"systemd": {"systemctl"}, "openrc": {"rc-service", "rc-update"}, "dinit": {"dinitctl"},
	} {
		if init != m.Init {
			continue
		}
		for _, name := range made {
			if err := os.Symlink("init-of-tests", m.Path("/usr/local/sbin/"+name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	sign := map[string]string{"systemd": "systemd/system/x", "openrc": "openrc/softlevel", "dinit": "dinitctl"}[m.Init]
	write(t, m.Path("/run/"+sign), "", 0o644)
}

// Start lets the machine answer to ssh.
func (m *Machine) Start(t *testing.T, all *Machines, port int) {
	t.Helper()
	config := fmt.Sprintf("ListenAddress %s:%d\nHostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nPrintMotd no\n",
		m.Address, port, all.file("hostkey"), all.file("id.pub"))
	write(t, filepath.Join(m.Folder, "sshd_config"), config, 0o644)
	binds := ""
	for _, own := range [][2]string{{"etc", "/etc"}, {"lib", "/var/lib"}, {"local", "/usr/local"}, {"run", "/run"}} {
		binds += fmt.Sprintf("mount --bind %s %s\n", filepath.Join(m.Folder, own[0]), own[1])
	}
	m.sshd = exec.Command("unshare", "--mount", "sh", "-ec", binds+`exec "$(command -v sshd || echo /usr/sbin/sshd)" -D -e -f `+filepath.Join(m.Folder, "sshd_config"))
	log, err := os.Create(filepath.Join(m.Folder, "sshd.log"))
	if err != nil {
		t.Fatal(err)
	}
	m.sshd.Stderr, m.sshd.Stdout = log, log
	if err := m.sshd.Start(); err != nil {
		t.Fatal(err)
	}
	log.Close()
	t.Cleanup(func() {
		m.Cut()
		m.StopService()
	})
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", net.JoinHostPort(m.Address, fmt.Sprint(port)))
		if err == nil {
			conn.Close()
			return
		}
		if time.Since(begin) > Patience {
			said, _ := os.ReadFile(log.Name())
			t.Fatalf("sshd does not start: %v\n%s", err, said)
		}
	}
}

// Cut ends sshd, as if the machine could not be reached any more.
func (m *Machine) Cut() {
	if m.sshd.ProcessState == nil {
		m.sshd.Process.Kill()
		m.sshd.Wait()
	}
}

// StopService ends tinycdn there, if it runs.
func (m *Machine) StopService() {
	var pid int
	if _, err := fmt.Sscan(m.Read("/run/tinycdn.pid"), &pid); err == nil && pid > 1 {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	os.Remove(m.Path("/run/tinycdn.pid"))
}

// fakeInit is systemctl, rc-service, rc-update or dinitctl, by the name that it is called by: it writes down what it is asked for, and runs
// the command of the unit as the unit's user.
const fakeInit = `#!/bin/sh
name=${0##*/}
echo "$name $*" >>/run/record
running() { [ -s /run/tinycdn.pid ] && kill -0 "$(cat /run/tinycdn.pid)" 2>/dev/null; }
stop() {
	if running; then kill "$(cat /run/tinycdn.pid)"; fi
	while running; do sleep 0.05; done
	rm -f /run/tinycdn.pid
}
start() {
	case $name in
	systemctl) unit=/etc/systemd/system/tinycdn.service
		command=$(sed -n "s/^ExecStart=//p" $unit) user=$(sed -n 's/^User=//p' $unit) ;;
	rc-service) . /etc/init.d/tinycdn; command="$command $command_args" user=$command_user ;;
	dinitctl) unit=/etc/dinit.d/tinycdn
		command=$(sed -n 's/^command = //p' $unit) user=$(sed -n 's/^run-as = //p' $unit) ;;
	esac
	running && return
	# A program that is not the one which is good here ends at once, as far as anybody can tell.
	if [ -s /run/good ] && [ "$(sha256sum </usr/local/bin/tinycdn)" != "$(cat /run/good)" ]; then return; fi
	setsid setpriv --reuid "$user" --regid "$user" --clear-groups $command >>/run/tinycdn.log 2>&1 </dev/null &
	echo $! >/run/tinycdn.pid
}
[ "$name" = rc-update ] && exit 0
for word; do
	case $word in
	restart) stop; start ;;
	start) start ;;
	enable) [ "$name" = dinitctl ] && start ;;
	stop) stop ;;
	is-active | is-started | status) running; exit ;;
	esac
done
exit 0
`

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		syscall.ForkLock.RLock() // a child of another test would hold the file open, and nobody could run it
		err = os.WriteFile(path, []byte(text), mode)
		syscall.ForkLock.RUnlock()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
