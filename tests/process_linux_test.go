package tests

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// nobody is a user without any rights (Debian's number; Alpine's and Chimera's too).
const nobody = 65534

// openFiles counts the files that the server has open.
func (h *house) openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", h.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// letAnybodyRead opens the folders of a test to other users.
func (h *house) letAnybodyRead(t *testing.T) {
	t.Helper()
	for _, folder := range []string{h.folder, filepath.Dir(h.folder)} {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPort53WithoutPermissionIsExplained starts tinycdn as a user who may not have that port.
func TestPort53WithoutPermissionIsExplained(t *testing.T) {
	t.Parallel()
	h := build(t, "-- tinycdn.toml --\n[dns]\nlisten = ':53'\n")
	h.letAnybodyRead(t)
	cmd := tinycdn("serve")
	cmd.Dir = h.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		// Containers often give every port to everybody. A network of its own has the kernel's rule again.
		if text, err := os.ReadFile("/proc/sys/net/ipv4/ip_unprivileged_port_start"); err == nil && string(text) != "1024\n" {
			cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWNET
		}
	}
	out, err := cmd.CombinedOutput()
	want := "listen on :53: permission denied (ports below 1024 are for root, or for a program with: setcap cap_net_bind_service=+ep FILE)\n"
	if err == nil || string(out) != want {
		t.Errorf("got %v and\n%s\nwant\n%s", err, out, want)
	}
}

// TestRootIsGivenUp: started as root, tinycdn binds and then is another user, for good. Started as somebody else, it
// says that it cannot.
func TestRootIsGivenUp(t *testing.T) {
	t.Parallel()
	h := build(t, strings.Replace(oneZone, "dns ", "user = \"nobody\"\ndns ", 1))
	h.letAnybodyRead(t)
	if os.Geteuid() != 0 {
		cmd := tinycdn("serve")
		cmd.Dir = h.folder
		out, err := cmd.CombinedOutput()
		if want := "only root can become another user"; err == nil || !strings.Contains(string(out), want) {
			t.Errorf("got %v and\n%s\nwant %s", err, out, want)
		}
		return
	}
	h.start(t)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Uid:\t65534\t65534\t65534\t65534\n", "Gid:\t65534\t65534\t65534\t65534\n", "Groups:\t65534 \n"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("want %q in\n%s", want, status)
		}
	}
	if err := h.replace("example.org.toml", "[records]\n'@' = { NS = 'ns.example.net.' }\nwww = { A = '192.0.2.81' }\n"); err != nil {
		t.Fatal(err)
	}
	if err := h.reload(); err != nil {
		t.Fatal(err)
	}
	if m := exchange(t, h.dial(t, "udp"), query(t, "www.example.org.", dns.TypeA)); len(m.Answer) != 1 || m.Answer[0].(*dns.A).A.String() != "192.0.2.81" {
		t.Errorf("after a reload: got %v\n%s", m, h.log)
	}
}

// TestRepliesLeaveFromTheAddressAsked: a server on all addresses (":53") must answer from the one that was asked, or no
// resolver takes the answer. The machine has all of 127.0.0.0/8.
func TestRepliesLeaveFromTheAddressAsked(t *testing.T) {
	t.Parallel()
	h := open(t, strings.Replace(oneZone, "127.0.0.1:$PORT", ":$PORT", 1))
	for _, host := range []string{"127.0.0.1", "127.0.0.2", "127.99.1.2", "::1"} {
		conn, err := net.Dial("udp", net.JoinHostPort(host, fmt.Sprint(h.port))) // takes packets of that address alone
		if err != nil {
			t.Fatal(err)
		}
		if m := exchange(t, conn, query(t, "www.example.org.", dns.TypeA)); len(m.Answer) != 1 {
			t.Errorf("%s: got %v", host, m)
		}
		conn.Close()
	}
}

// TestClientsThatGoAwayLeaveNothing resets connections in all states, and the server has as many files open as before.
func TestClientsThatGoAwayLeaveNothing(t *testing.T) {
	t.Parallel()
	h := open(t, oneZone)
	h.wantServed(t, "127.0.0.1")
	before := h.openFiles(t)
	msg := query(t, "www.example.org.", dns.TypeA)
	for i := range 300 {
		conn := h.dialFrom(t, fmt.Sprintf("127.0.1.%d", 1+i%5)).(*net.TCPConn)
		conn.Write(append([]byte{0, byte(len(msg))}, msg...)[:i%len(msg)])
		if i%2 == 0 {
			conn.SetLinger(0) // a reset
		}
		conn.Close()
	}
	h.wantServed(t, "127.0.0.1")
	for end := time.Now().Add(patience); h.openFiles(t) > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d files are open, %d were before", h.openFiles(t), before)
		}
	}
}
