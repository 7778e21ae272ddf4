package protocol

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tinycdn/tests/testkit"
)

// TestAMachineJoinsBehindStrangers: more of them than there are places for do not keep the owner out.
func TestAMachineJoinsBehindStrangers(t *testing.T) {
	t.Parallel()
	c := newCluster(t, strings.Replace(clusterFiles, "[web]", "[cluster]\nlisten = \"pop:$HTTPS\"\n[web]", 1))
	c.run(0, "", "publish")
	c.run(0, "roster 2 holds at fra, nyc", "cluster", "remove", "syd")
	c.stop("syd")
	invite := testkit.Command("invite", "syd")
	invite.Dir, invite.Env = c.folder, c.env
	said, err := invite.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := invite.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { invite.Process.Kill() })
	lines := bufio.NewReader(said)
	line := ""
	for !strings.Contains(line, "tinycdn join ") {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	words := strings.Fields(line)
	address := fmt.Sprintf("127.0.0.3:%d", c.ports.HTTPS)
	invite.Process.Signal(syscall.SIGSTOP) // until the strangers are there
	join := testkit.Command("join", "--listen", address, "--state", filepath.Join(c.base, "new"), words[len(words)-1])
	out, err := join.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := join.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { join.Process.Kill() })
	waiting := bufio.NewReader(out)
	if line, err := waiting.ReadString('\n'); err != nil || !strings.HasPrefix(line, "waiting at ") {
		t.Fatal(line, err)
	}
	for n := range 700 {
		from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 7, byte(n%50))}}
		conn, err := from.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	invite.Process.Signal(syscall.SIGCONT)
	rest, _ := io.ReadAll(waiting)
	if err := join.Wait(); err != nil || !strings.Contains(string(rest), "this is syd now") {
		t.Errorf("%v: %s", err, rest)
	}
}
