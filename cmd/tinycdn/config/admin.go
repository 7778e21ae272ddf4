package config

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/zones/diag"
)

// AdminSocket is where the admin socket is if no configuration says so: in the folder that systemd has made for it
// (systemd.exec(5), RuntimeDirectory), else in the usual one.
func AdminSocket() string {
	folder, _, _ := strings.Cut(os.Getenv("RUNTIME_DIRECTORY"), ":")
	return filepath.Join(cmp.Or(folder, "/run/tinycdn"), "admin.sock")
}

// checkAdminSocket resolves the path.
func (c *checker) checkAdminSocket(web *Web) {
	if web.AdminSocket == "" {
		return
	}
	web.AdminSocket = c.socket(web.AdminSocket, diag.At("web", "admin_socket"))
}

// socket resolves the path of a socket, and wants one that has room in an address.
func (c *checker) socket(path string, keys []string) string {
	path = c.config.resolve(path)
	if most := len(syscall.RawSockaddrUnix{}.Path) - 1; len(path) > most {
		c.wrong(keys, "%s: its path has %d octets, and a socket's may have %d", path, len(path), most)
	}
	return path
}

// checkAdmin resolves the path of the token, and reads it once to see whether a start could.
func (c *checker) checkAdmin() {
	a := &c.config.Admin
	a.Check(c.below("admin"))
	for _, address := range a.OnNetwork() {
		c.note(diag.At("admin", "listen"), "%s: whoever is on the way there can read the token (listen on 127.0.0.1, and come by ssh -L)", address)
	}
	if a.TokenFile == "" {
		return
	}
	a.TokenFile = c.config.resolve(a.TokenFile)
	keys := diag.At("admin", "token_file")
	_, err := admin.ReadToken(a.TokenFile)
	switch {
	case len(a.Listen) == 0:
		c.note(keys, "it has no effect without listen")
	case errors.Is(err, fs.ErrPermission):
		c.note(keys, "%s: %s; the user that tinycdn runs as must be able to", a.TokenFile, diag.Reason(err))
	case err != nil:
		p := c.config.Problem(keys, "%s: %s", a.TokenFile, diag.Reason(err))
		c.config.Outside = append(c.config.Outside, Mistake{p, "no admin is heard at admin.listen"})
	default:
		if info, err := os.Stat(a.TokenFile); err == nil && info.Mode()&0o004 != 0 {
			c.note(keys, "%s: everybody on this machine can read it (chmod o= %[1]s)", a.TokenFile)
		}
	}
}
