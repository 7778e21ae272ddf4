package soak

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
	"golang.org/x/sys/unix"
)

// asUser makes a host whose server, started as root, becomes nobody; if we are not root, it stays who we are.
func asUser(t *testing.T, archive string) *testkit.Host {
	t.Helper()
	if os.Geteuid() == 0 {
		archive = strings.Replace(archive, "-- tinycdn.toml --\n", "-- tinycdn.toml --\nuser = \"nobody\"\n", 1)
	}
	h := testkit.Build(t, archive)
	letAnybodyRead(t, h)
	return h
}

// allThreads waits until the status of each thread of the server fits.
func allThreads(t *testing.T, h *testkit.Host, pattern string) {
	t.Helper()
	fits := regexp.MustCompile(pattern)
	for end := time.Now().Add(testkit.Patience); ; time.Sleep(testkit.Pace) {
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", h.Cmd.Process.Pid))
		if err != nil || len(threads) == 0 {
			t.Fatal(threads, err)
		}
		other := ""
		for _, thread := range threads {
			if status, err := os.ReadFile(thread); err == nil && !fits.Match(status) {
				other = string(status)
			}
		}
		if other == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s does not fit\n%s\n%s", pattern, other, h.Log)
		}
	}
}

const withPages = `
-- tinycdn.toml --
zones = ["example.org.toml", "*.zone"]
dns.listen = "127.0.0.1:$PORT"
[web]
listen = "127.0.0.1:$HTTP"
access_log.file = "log/access.log"
[sites."example.org"]
root = "public"
-- example.org.toml --
[records]
'@' = { NS = 'ns.example.net.' }
www = { A = '192.0.2.80' }
-- public/index.html --
home
-- log/empty --
`

// TestPrivilegesAreGivenUp: of all that root may, the server keeps the right to bind a port, as long as one is not bound yet.
// Who is not root has less to give up.
func TestPrivilegesAreGivenUp(t *testing.T) {
	t.Parallel()
	h := asUser(t, strings.Replace(withPages, "access_log", "#", 1))
	taken, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", h.Ports.HTTP))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	h.Start(t)
	toBind, none := "0{16}", ".*"
	if os.Geteuid() == 0 {
		toBind, none = fmt.Sprintf("%016x", 1<<unix.CAP_NET_BIND_SERVICE), "0{16}"
	}
	status := "CapInh:\t0{16}\nCapPrm:\t%[1]s\nCapEff:\t%[1]s\nCapBnd:\t%[2]s\nCapAmb:\t0{16}\nNoNewPrivs:\t1\n"
	allThreads(t, h, fmt.Sprintf(status, toBind, none))
	taken.Close()
	allThreads(t, h, fmt.Sprintf(status, "0{16}", none))
}

// TestRootThatStaysReadsOn: without user, root keeps what it reads the files of others with.
func TestRootThatStaysReadsOn(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, withPages)
	kept := "0{16}"
	if os.Geteuid() == 0 {
		kept = fmt.Sprintf("%016x", 1<<unix.CAP_DAC_OVERRIDE|1<<unix.CAP_DAC_READ_SEARCH)
	}
	allThreads(t, h, fmt.Sprintf("CapPrm:\t%[1]s\nCapEff:\t%[1]s\n(.*\n)*NoNewPrivs:\t1\n", kept))
}

// TestFilesAreReadByTheUser: what a zone includes and where a certificate's key is are read by the user whom the server has
// become, also the first time.
func TestFilesAreReadByTheUser(t *testing.T) {
	t.Parallel()
	h := asUser(t, strings.Replace(withPages, "access_log.file = \"log/access.log\"", "certs = ['secret', 'secret']\ntls_listen = '127.0.0.1:$HTTPS'", 1)+
		"-- secret --\nsecret IN TXT \"only root may read this\"\n-- more.zone --\n$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns.example.net.\n$INCLUDE secret\n")
	if err := os.Chmod(filepath.Join(h.Folder, "secret"), 0); err != nil {
		t.Fatal(err)
	}
	h.Start(t)
	for _, want := range []string{`more.zone:4: .*permission denied: user \S+ may not read it`, `secret: permission denied: user \S+ may not read it`} {
		if !regexp.MustCompile("level=ERROR msg=\"[^\"]*" + want).MatchString(h.Log.String()) {
			t.Errorf("%s is not in the log:\n%s", want, h.Log)
		}
	}
	if strings.Contains(h.Log.String(), "only root") {
		t.Errorf("the log quotes what nobody may read:\n%s", h.Log)
	}
	for name, want := range map[string]int{"secret.more.": dns.RcodeServerFailure, "www.example.org.": dns.RcodeSuccess} {
		if m := testkit.Exchange(t, h.Dial(t, "udp"), testkit.Query(t, name, dns.TypeTXT)); m.Rcode != want {
			t.Errorf("%s: got %v", name, m)
		}
	}
}

// TestASecretOfRootsAloneKeepsNothing: the secret of cookies is read before the server becomes the user. That it cannot be read
// again later keeps no change of the configuration from being taken over.
func TestASecretOfRootsAloneKeepsNothing(t *testing.T) {
	t.Parallel()
	h := asUser(t, strings.Replace(withPages, "[web]", "dns.cookie_secret_file = 'secret'\n[web]", 1)+
		"-- secret --\n0123456789abcdef0123456789abcdef\n-- later.toml --\n[records]\n'@' = { NS = 'ns.example.net.' }\n")
	if err := os.Chmod(filepath.Join(h.Folder, "secret"), 0); err != nil {
		t.Fatal(err)
	}
	h.Start(t)
	path := filepath.Join(h.Folder, "tinycdn.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), `"*.zone"`, `{ origin = "later.example", file = "later.toml" }`, 1))
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	await(t, h, "the zone that has come", func() bool { return strings.Contains(h.Log.String(), "zone later.example comes") })
}

// TestItWritesNothingButItsLogs: the access log and the query log may be rotated; led astray to another folder, the one is not written,
// if the kernel has Landlock.
func TestItWritesNothingButItsLogs(t *testing.T) {
	t.Parallel()
	h := asUser(t, strings.Replace(withPages, "dns.listen", "dns.query_log = 'queries/queries.log'\ndns.listen", 1)+"-- queries/empty --\n")
	elsewhere := filepath.Join(t.TempDir(), "access.log")
	for _, folder := range []string{filepath.Join(h.Folder, "log"), filepath.Join(h.Folder, "queries"), filepath.Dir(elsewhere), filepath.Dir(filepath.Dir(elsewhere))} {
		if err := os.Chmod(folder, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	h.Start(t)
	log := filepath.Join(h.Folder, "log", "access.log")
	for _, log := range []string{log, filepath.Join(h.Folder, "queries", "queries.log")} {
		if err := os.Rename(log, log+".1"); err != nil {
			t.Fatal(err)
		}
		await(t, h, "a new log after a rotation", func() bool { _, err := os.Stat(log); return err == nil })
	}
	if err := os.Remove(log); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, log); err != nil {
		t.Fatal(err)
	}
	version, _, errno := syscall.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno == 0 && version > 0 {
		await(t, h, "a refusal to write elsewhere", func() bool { return strings.Contains(h.Log.String(), "access.log cannot be written") })
	}
	_, err := os.Stat(elsewhere)
	if errno == 0 && err == nil {
		t.Error("it wrote to another folder")
	} else if errno != 0 {
		await(t, h, "a log where the link leads", func() bool { _, err := os.Stat(elsewhere); return err == nil })
	}
}

// TestTheAdminSocketIsTheUsers: root binds it, in a folder that it makes; the user answers there, and takes it away at the end.
func TestTheAdminSocketIsTheUsers(t *testing.T) {
	t.Parallel()
	folder, err := os.MkdirTemp("", "tinycdn-admin-") // short: the path of a socket has little room
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(folder, "run", "admin.sock")
	h := asUser(t, strings.Replace(withPages, "access_log.file = \"log/access.log\"", "admin_socket = '"+socket+"'", 1))
	h.Start(t)
	info, err := os.Stat(socket)
	if err != nil || info.Mode() != os.ModeSocket|0o660 {
		t.Fatalf("got %v, %v\n%s", info, err, h.Log)
	}
	server, err := os.Stat(fmt.Sprintf("/proc/%d", h.Cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if is, want := info.Sys().(*syscall.Stat_t).Uid, server.Sys().(*syscall.Stat_t).Uid; is != want {
		t.Errorf("it belongs to %d, and the server runs as %d", is, want)
	}
	out, err := testkit.Command("purge", "--socket", socket, "https://example.org/*").CombinedOutput()
	if err != nil || string(out) != "https://example.org/*: 0 forgotten\n" {
		t.Errorf("got %v\n%s", err, out)
	}
	if os.Geteuid() == 0 {
		other := testkit.Command("purge", "--socket", socket, "https://example.org/*")
		other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 12345, Gid: 12345}}
		if out, _ := other.CombinedOutput(); string(out) != socket+": permission denied (try it with sudo)\n" || other.ProcessState.ExitCode() != 1 {
			t.Errorf("somebody else: got %v\n%s", other.ProcessState, out)
		}
	}
	if err := h.Stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(socket); err == nil {
		t.Errorf("after the end it is still there\n%s", h.Log)
	}
}

// TestWithoutAFolderForItThereIsNoAdminSocket: somebody who is not root tries it out, and reads one line about it.
func TestWithoutAFolderForItThereIsNoAdminSocket(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, withPages)
	letAnybodyRead(t, h)
	if err := os.Chmod(filepath.Join(h.Folder, "log"), 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("env", "RUNTIME_DIRECTORY=/run/tinycdn-of-nobody/run", testkit.Program(), "serve")
	cmd.Dir, cmd.SysProcAttr = h.Folder, &syscall.SysProcAttr{}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: testkit.Nobody, Gid: testkit.Nobody}
	}
	server, err := testkit.Launch(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop(syscall.SIGTERM)
	if err := server.Ready(); err != nil {
		t.Fatal(err)
	}
	line := `level=INFO msg="web.admin_socket: cannot listen on \S+/run/admin.sock: the folder \S+/run cannot be made: permission denied \(web.admin_socket names another place\)" effect=`
	if !regexp.MustCompile(line).MatchString(server.Log.String()) || strings.Count(server.Log.String(), "admin_socket:") != 1 {
		t.Errorf("the log says\n%s", server.Log)
	}
}

func await(t *testing.T, h *testkit.Host, what string, there func() bool) {
	t.Helper()
	for end := time.Now().Add(testkit.Patience); !there(); time.Sleep(testkit.Pace) {
		if time.Now().After(end) {
			t.Fatalf("there is not %s\n%s", what, h.Log)
		}
	}
}
