package soak

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

// openFiles counts the files that the server has open.
func openFiles(t *testing.T, h *testkit.Host) int {
	t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", h.Cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// letAnybodyRead opens the folders of a test to other users.
func letAnybodyRead(t *testing.T, h *testkit.Host) {
	t.Helper()
	for _, folder := range []string{h.Folder, filepath.Dir(h.Folder)} {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPort53WithoutPermissionIsExplained starts tinycdn as a user who may not have that port.
func TestPort53WithoutPermissionIsExplained(t *testing.T) {
	t.Parallel()
	h := testkit.Build(t, "-- tinycdn.toml --\n[dns]\nlisten = ':53'\n")
	letAnybodyRead(t, h)
	cmd := testkit.Command("serve")
	cmd.Dir = h.Folder
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: testkit.Nobody, Gid: testkit.Nobody}
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
	h := testkit.Build(t, strings.Replace(testkit.OneZone, "dns ", "user = \"nobody\"\ndns ", 1))
	letAnybodyRead(t, h)
	if os.Geteuid() != 0 {
		cmd := testkit.Command("serve")
		cmd.Dir = h.Folder
		out, err := cmd.CombinedOutput()
		if want := "only root can become another user"; err == nil || !strings.Contains(string(out), want) {
			t.Errorf("got %v and\n%s\nwant %s", err, out, want)
		}
		return
	}
	h.Start(t)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.Cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Uid:\t65534\t65534\t65534\t65534\n", "Gid:\t65534\t65534\t65534\t65534\n", "Groups:\t65534 \n"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("want %q in\n%s", want, status)
		}
	}
	if err := h.Replace("example.org.toml", "[records]\n'@' = { NS = 'ns.example.net.' }\nwww = { A = '192.0.2.81' }\n"); err != nil {
		t.Fatal(err)
	}
	if err := h.Reload(); err != nil {
		t.Fatal(err)
	}
	if m := testkit.Exchange(t, h.Dial(t, "udp"), testkit.Query(t, "www.example.org.", dns.TypeA)); len(m.Answer) != 1 || m.Answer[0].(*dns.A).A.String() != "192.0.2.81" {
		t.Errorf("after a reload: got %v\n%s", m, h.Log)
	}
}

// TestRepliesLeaveFromTheAddressAsked: a server on all addresses (":53") must answer from the one that was asked, or no
// resolver takes the answer. The machine has all of 127.0.0.0/8.
func TestRepliesLeaveFromTheAddressAsked(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, strings.Replace(testkit.OneZone, "127.0.0.1:$PORT", ":$PORT", 1))
	for _, host := range []string{"127.0.0.1", "127.0.0.2", "127.99.1.2", "::1"} {
		conn, err := net.Dial("udp", net.JoinHostPort(host, fmt.Sprint(h.Ports.DNS))) // takes packets of that address alone
		if err != nil {
			t.Fatal(err)
		}
		if m := testkit.Exchange(t, conn, testkit.Query(t, "www.example.org.", dns.TypeA)); len(m.Answer) != 1 {
			t.Errorf("%s: got %v", host, m)
		}
		conn.Close()
	}
}

// TestClientsThatGoAwayLeaveNothing resets connections in all states, and the server has as many files open as before.
func TestClientsThatGoAwayLeaveNothing(t *testing.T) {
	t.Parallel()
	h := testkit.Start(t, testkit.OneZone)
	h.WantServed(t, "127.0.0.1")
	before := openFiles(t, h)
	msg := testkit.Query(t, "www.example.org.", dns.TypeA)
	for i := range 300 {
		conn := h.DialFrom(t, fmt.Sprintf("127.0.1.%d", 1+i%5)).(*net.TCPConn)
		conn.Write(append([]byte{0, byte(len(msg))}, msg...)[:i%len(msg)])
		if i%2 == 0 {
			conn.SetLinger(0) // a reset
		}
		conn.Close()
	}
	h.WantServed(t, "127.0.0.1")
	for end := time.Now().Add(testkit.Patience); openFiles(t, h) > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d files are open, %d were before", openFiles(t, h), before)
		}
	}
}
