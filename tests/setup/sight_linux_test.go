package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAPOPIsLookedAtByWayOfSSH from the folder that is published from, by its socket.
func TestAPOPIsLookedAtByWayOfSSH(t *testing.T) {
	t.Parallel()
	d := newDesk(t, each)
	wants(t, d.run(t, 1, "top", "fra"), `tinycdn\.toml: web\.admin_socket is empty: the POPs have no socket to be asked by$`)
	text, err := os.ReadFile(filepath.Join(d.folder, "tinycdn.toml"))
	if err != nil {
		t.Fatal(err)
	}
	d.write(t, "tinycdn.toml", strings.Replace(string(text), `web.admin_socket = ""`, `web.admin_socket = "/var/lib/tinycdn/admin.sock"`, 1))
	d.run(t, 0, "setup")
	wants(t, d.run(t, 0, "publish"), `live +generation 1 at fra, nyc, syd`)
	wants(t, d.run(t, 0, "top", "fra"), `^fra  .*, generation 1$`, `^nyc +up +1 +\d+\.\d +\d+ ms `, `^fra +up +1 +\d+\.\d +- `, `^syd +up +1 +\d+\.\d +\d+ ms `)
	wants(t, d.run(t, 1, "top", "fr"), `there is no POP "fr" \(did you mean "fra"\?\)$`)
	d.List["syd"].Cut()
	wants(t, d.run(t, 1, "dashboard", "syd"), `^(error: |tinycdn: )?syd: .*Connection refused`)
}
