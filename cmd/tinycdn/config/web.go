package config

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tinycdn/geoip/inet"
	"tinycdn/webserver"
	"tinycdn/webserver/certs"
	"tinycdn/zones/diag"
	"tinycdn/zones/tomlfile"
)

// Web is [web].
type Web struct {
	webserver.Config
	// name the POP in `X-Pop` and `Server-Timing`. Left out: `true`
	ShowPOP bool `toml:"show_pop" restart:"true"`
	// memory for pages and cached responses of all sites together. Left out: `"64MB"`
	CacheBytes ByteSize `toml:"cache_bytes"`
	// the unix socket by which root, and the user that tinycdn runs as, may drain, restart and purge (`tinycdn purge`), and read the
	// counters; there without a site, too. `""` for none. Left out: `"/run/tinycdn/admin.sock"`
	AdminSocket string `toml:"admin_socket" restart:"true"`
	// whether `/.well-known/tinycdn/where` tells a visitor which address was seen, which POP the host's map gives it and why, and which one
	// answered. Left out: `false`
	Where bool `toml:"where"`

	Certs []certs.Pair
}

// webTable is [web] as it is written.
type webTable struct {
	Web
	// a certificate and its key, `["fullchain.pem", "privkey.pem"]`, or a list of such pairs; chosen by name. Left out: none:
	// HTTP alone
	Certs *tomlfile.Node `toml:"certs"`
}

func defaultWeb() Web {
	return Web{Config: webserver.Default(), ShowPOP: true, CacheBytes: 64 << 20, AdminSocket: AdminSocket()}
}

func (c *checker) readWeb(table *webTable) {
	web := &c.config.Web
	*web = table.Web
	web.Check(c.below("web"))
	web.Certs = c.certs(table.Certs)
	c.checkPorts(web)
	// Who says where to listen for HTTP may have another server for HTTPS here.
	web.TLSLater = c.config.doc.Node("web", "listen") != nil && c.config.doc.Node("web", "tls_listen") == nil
	c.checkAdminSocket(web)
	switch log := web.AccessLog; log.File {
	case "":
		web.AccessLog = nil
	case "-":
	default:
		log.File = c.config.resolve(log.File)
		c.checkLogFolder(log.File, diag.At("web", "access_log", "file"), "there is no access log")
	}
	switch {
	case web.HTTP3 && (!c.config.WantsHTTPS() || len(web.TLSListen) == 0):
		c.note(diag.At("web", "http3"), "it has no effect without certs or [acme], and tls_listen")
	case len(web.Certs) > 0 && len(web.TLSListen) == 0:
		c.note(diag.At("web", "certs"), "they have no effect: tls_listen is empty")
	}
}

// checkPorts wants no address for both HTTP and HTTPS.
func (c *checker) checkPorts(web *Web) {
	if !c.config.WantsHTTPS() {
		return
	}
	key, list, other, others := "tls_listen", web.TLSListen, "listen", web.Listen
	if c.config.doc.Node("web", key) == nil { // then it is the default that is there already
		key, list, other, others = other, others, key, list
	}
	for i, address := range list {
		if _, asPOP := inet.ListensAsPOP(address, ""); !asPOP && slices.Contains(others, address) {
			c.wrong(diag.At("web", key, strconv.Itoa(i)), "%q is in web.%s, too", address, other)
		}
	}
}

// checkLogFolder wants a folder for a log. Without, all else works.
func (c *checker) checkLogFolder(file string, keys []string, effect string) {
	folder := filepath.Dir(file)
	c.config.look(folder)
	info, err := os.Stat(folder)
	text := ""
	switch {
	case err != nil:
		text = diag.Reason(err)
	case !info.IsDir():
		text = "is not a folder"
	default:
		return
	}
	p := c.config.Problem(keys, "%s: %s", folder, text)
	c.config.Outside = append(c.config.Outside, Mistake{p, effect})
}

func (c *checker) certs(node *tomlfile.Node) (list []certs.Pair) {
	if node == nil {
		return nil
	}
	pairs := node.List
	if len(pairs) > 0 && pairs[0].Value != nil { // a list of paths is meant to be a pair
		if !isPair(node) {
			c.wrong(diag.At("web", "certs"), `want a pair like ["fullchain.pem", "privkey.pem"]`)
			return nil
		}
		pairs = []*tomlfile.Node{node}
	}
	if len(pairs) == 0 {
		c.wrong(diag.At("web", "certs"), `want a pair like ["fullchain.pem", "privkey.pem"], or a list of pairs`)
	}
	for i, pair := range pairs {
		if !isPair(pair) {
			c.wrong(diag.At("web", "certs", strconv.Itoa(i)), `want a pair like ["fullchain.pem", "privkey.pem"]`)
			continue
		}
		list = append(list, certs.Pair{Chain: c.config.resolve(pair.List[0].Text()), Key: c.config.resolve(pair.List[1].Text())})
	}
	return list
}

// CertProblem is a problem with a file as a whole, told where web.certs names it.
func (c *Config) CertProblem(p diag.Problem) diag.Problem {
	keys := diag.At("web", "certs")
	told := c.Problem(keys, "%s: %s", p.File, p.Text)
	told.Line = cmp.Or(c.lineNaming(p.File, c.doc.Node(keys...)), told.Line)
	return told
}

// lineNaming is the line of a path in a list of lists; 0: it is not there.
func (c *Config) lineNaming(path string, n *tomlfile.Node) int {
	switch {
	case n == nil:
		return 0
	case n.Text() != "" && c.resolve(n.Text()) == path:
		return n.Line
	}
	for _, element := range n.List {
		if line := c.lineNaming(path, element); line > 0 {
			return line
		}
	}
	return 0
}

func isPair(n *tomlfile.Node) bool {
	return len(n.List) == 2 && n.List[0].Text() != "" && n.List[1].Text() != ""
}

// ByteSize is a number of bytes: 1000000, "64MB", "1GiB".
type ByteSize int64

func (b *ByteSize) UnmarshalText(text []byte) error {
	units := []struct {
		name string
		size int64
	}{{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"B", 1}, {"", 1}}
	for _, unit := range units {
		digits, ok := strings.CutSuffix(string(text), unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > 1<<50/unit.size {
			break
		}
		*b = ByteSize(n * unit.size)
		return nil
	}
	return fmt.Errorf(`%q is not a number of bytes, such as "64MB"`, text)
}
