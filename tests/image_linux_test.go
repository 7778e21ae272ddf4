package tests

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"tinycdn/tests/testkit"
)

// TestTheImage builds the binary with the Dockerfile's own command, and uses it as the image does: without any other
// file around it, and as a user without rights.
func TestTheImage(t *testing.T) {
	t.Parallel()
	testkit.Program() // so that a change of it is noted
	dockerfile, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	build := regexp.MustCompile(`(?m)^RUN (.* go build .*)$`).FindSubmatch(dockerfile)
	if build == nil {
		t.Fatal("the Dockerfile does not build")
	}
	root := t.TempDir()
	cmd := exec.Command("sh", "-c", strings.Replace(string(build[1]), "-o /tinycdn", "-o "+filepath.Join(root, "tinycdn"), 1))
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	file, err := elf.Open(filepath.Join(root, "tinycdn"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			t.Error("the binary is not static: it wants a dynamic linker")
		}
	}
	if os.Geteuid() != 0 {
		return // only root can have another file system
	}
	config := "[pops.nyc]\naddresses = '192.0.2.1'\nlocation = [40.71, -74.01]\n[maps.site]\ndefault = 'nyc'\n"
	if err := os.WriteFile(filepath.Join(root, "tinycdn.toml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command("/tinycdn", "explain", "--config", "/tinycdn.toml", "81.2.69.142")
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: testkit.Nobody, Gid: testkit.Nobody}}
	if err := os.Chmod(filepath.Dir(root), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "81.2.69.142 gets nyc from map site\n") {
		t.Errorf("got %v\n%s", err, out)
	}
}
