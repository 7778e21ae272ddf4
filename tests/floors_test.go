package tests

// floors are the rooms, from the top of the house down. Who is on a floor uses only what is below it.
var floors = [][]string{{"cmd"}, {"geodns", "webserver"}, {"zones"}, {"geoip"}, {"packaging"}}

// doors are the places where a library comes in: folders, or files with a pattern. Nobody else uses it.
var doors = map[string][]string{
	"github.com/miekg/dns": {
		"zones/explain.go", "zones/plainrecord.go", "zones/zonefile/*.go", "zones/sign/*.go", "zones/zonestest/*.go",
		"geodns/stream.go", "geodns/rare.go", "geodns/transfer.go", "geodns/update.go", "cmd/tinycdn/live/ask.go", "cmd/tinycdn/delegation/*.go", "cmd/tinycdn/golden/*.go",
	},
	"github.com/dnstap/golang-dnstap":      {"geodns/geodnstest/*.go"},
	"github.com/maxmind/mmdbwriter":        {"geoip/geoiptest/*.go"},
	"github.com/oschwald/maxminddb-golang": {"geoip/db.go", "geoip/identity.go", "geoip/validate.go", "geoip/record.go"},
	"github.com/BurntSushi/toml":           {"zones/tomlfile/*.go"},
	"golang.org/x/sys":                     {"geodns/mmsg/*.go", "cmd/tinycdn/system/*_linux.go", "cmd/tinycdn/cluster/store/disk_linux.go"},
	"github.com/landlock-lsm/go-landlock":  {"cmd/tinycdn/system/confine_linux.go"},
	"kernel.org/pub/linux":                 {"cmd/tinycdn/system/privileges_linux.go"},
	"github.com/google/renameio":           {"cmd/tinycdn/cluster/*.go", "cmd/tinycdn/cluster/drains/*.go", "cmd/tinycdn/cluster/store/*.go", "cmd/tinycdn/state/*.go", "cmd/tinycdn/map.go", "webserver/acme/*.go", "webserver/visits/*.go"},
	"github.com/axiomhq/hyperloglog":       {"webserver/visits/sketch.go"},
	"github.com/mholt/acmez":               {"webserver/acme/*.go"},
	"github.com/letsencrypt/pebble":        {"webserver/webservertest/*.go"},
	"github.com/spf13/cobra":               {"cmd/tinycdn/*.go"},
	"github.com/quic-go/quic-go":           {"webserver/quic.go", "webserver/quicstreams.go", "webserver/quiccrew.go", "webserver/quicleave.go", "webserver/quicgoaway.go"},
	"github.com/pires/go-proxyproto":       {"webserver/conns/proxyheader.go"},
	"github.com/klauspost/compress":        {"webserver/page/*.go", "webserver/origin/gunzip.go", "geoip/cells/cells.go", "cmd/tinycdn/cluster/channel/frames.go", "cmd/tinycdn/cluster/channel/list.go"},
	"github.com/molecule-man/go-brrr":      {"webserver/page/*.go"},
	"github.com/maypok86/otter":            {"webserver/content/*.go", "webserver/origin/*.go"},
	"github.com/yuin/goldmark":             {"webserver/content/markdown/*.go"},
	"github.com/alecthomas/chroma":         {"webserver/content/markdown/lexers.go"},
	"go.yaml.in/yaml":                      {"webserver/content/front/yaml.go"},
	"golang.org/x/term":                    {"cmd/tinycdn/passphrase.go", "cmd/tinycdn/map.go", "cmd/tinycdn/top.go"},
	"filippo.io/age":                       {"cmd/tinycdn/cluster/roster/locked.go"},
	"github.com/prometheus":                {"cmd/tinycdn/metrics/*.go"},
	"golang.org/x/image":                   {"cmd/tinycdn/worldmap/png.go"},
	"golang.org/x/net":                     {"webserver/h2/*.go", "webserver/links/*.go", "cmd/tinycdn/admin/*.go"},
}

// generated is what programs beside a room make for it.
var generated = map[string]string{"geoip": "builtin", "cmd/tinycdn/worldmap": "land"}

// lent are the cupboards that other rooms open too: what an address is, how files are opened, how mistakes are told, how logs of
// lines are written, and the house's reader of TOML. Whatever of the house is written in TOML has its mistakes told in the same way,
// front matter as well as zones.
var lent = []string{"geoip/inet", "geoip/plainfile", "zones/diag", "zones/linefile", "zones/tomlfile"}

// frontDoor is what each room behind the front door uses of the house; a pattern stands for cupboards. The commands, in
// cmd/tinycdn itself, use whatever they need.
var frontDoor = map[string][]string{
	"cmd/tinycdn/pop": {
		"cmd/tinycdn/admin", "cmd/tinycdn/cluster", "cmd/tinycdn/cluster/channel", "cmd/tinycdn/cluster/drains", "cmd/tinycdn/compare", "cmd/tinycdn/config", "cmd/tinycdn/dashboard", "cmd/tinycdn/delegation", "cmd/tinycdn/explain/told", "cmd/tinycdn/metrics", "cmd/tinycdn/notify", "cmd/tinycdn/state", "cmd/tinycdn/status", "cmd/tinycdn/system", "cmd/tinycdn/tallies", "cmd/tinycdn/watch", "cmd/tinycdn/worldmap", "geodns", "webserver", "webserver/*", "zones", "zones/health", "zones/sign", "zones/steer", "zones/diag", "zones/zonefile", "geoip", "geoip/inet",
	},
	"cmd/tinycdn/config":       {"cmd/tinycdn/admin", "cmd/tinycdn/notify", "cmd/tinycdn/system", "geodns", "geoip", "geoip/inet", "geoip/plainfile", "webserver", "webserver/*", "zones", "zones/health", "zones/steer", "zones/diag", "zones/tomlfile"},
	"cmd/tinycdn/live":         {"cmd/tinycdn/admin", "cmd/tinycdn/config", "cmd/tinycdn/delegation", "cmd/tinycdn/pop", "cmd/tinycdn/words", "webserver/acme", "zones", "zones/diag"},
	"cmd/tinycdn/metrics":      {},
	"cmd/tinycdn/dashboard":    {"cmd/tinycdn/admin", "cmd/tinycdn/words"},
	"cmd/tinycdn/explain":      {"cmd/tinycdn/admin", "cmd/tinycdn/cluster", "cmd/tinycdn/config", "cmd/tinycdn/explain/told", "cmd/tinycdn/pop", "cmd/tinycdn/system", "geoip", "zones"},
	"cmd/tinycdn/explain/told": {"cmd/tinycdn/words", "geoip", "zones"},
	"cmd/tinycdn/exit":         {},
	"cmd/tinycdn/words":        {},
	"cmd/tinycdn/status":       {"cmd/tinycdn/cluster", "cmd/tinycdn/cluster/*", "cmd/tinycdn/exit", "cmd/tinycdn/words", "zones", "zones/health"},
	"cmd/tinycdn/session":      {"cmd/tinycdn/cluster", "cmd/tinycdn/cluster/*", "cmd/tinycdn/config", "cmd/tinycdn/exit", "cmd/tinycdn/status", "cmd/tinycdn/system", "cmd/tinycdn/words", "zones"},
	"cmd/tinycdn/publishing": {
		"cmd/tinycdn/cluster", "cmd/tinycdn/cluster/*", "cmd/tinycdn/compare", "cmd/tinycdn/config", "cmd/tinycdn/exit", "cmd/tinycdn/pop", "cmd/tinycdn/session", "cmd/tinycdn/state", "cmd/tinycdn/status", "cmd/tinycdn/system", "cmd/tinycdn/tallies", "cmd/tinycdn/words", "zones/diag",
	},
	"cmd/tinycdn/tallies":    {"cmd/tinycdn/words", "webserver/visits"},
	"cmd/tinycdn/watch":      {"zones/diag"},
	"cmd/tinycdn/state":      {"geoip/plainfile", "zones/diag"},
	"cmd/tinycdn/admin":      {"geoip/inet", "geoip/plainfile", "zones/diag"},
	"cmd/tinycdn/notify":     {"zones/diag"},
	"cmd/tinycdn/delegation": {"cmd/tinycdn/words", "zones/diag"},
	"cmd/tinycdn/golden": {
		"cmd/tinycdn/config", "cmd/tinycdn/delegation", "cmd/tinycdn/exit", "cmd/tinycdn/explain", "cmd/tinycdn/live", "cmd/tinycdn/pop", "cmd/tinycdn/system", "cmd/tinycdn/words", "geoip", "geoip/plainfile", "zones", "zones/diag", "zones/tomlfile",
	},
	"cmd/tinycdn/compare": {"cmd/tinycdn/config", "cmd/tinycdn/worldmap", "geoip", "zones", "zones/diag", "zones/steer"},
	// Keys and who holds them are the lowest of the cluster; then lists of files, and what is done with them.
	"cmd/tinycdn/cluster":          {"cmd/tinycdn/cluster/*"},
	"cmd/tinycdn/cluster/channel":  {"cmd/tinycdn/cluster/manifest", "cmd/tinycdn/cluster/roster", "zones/diag"},
	"cmd/tinycdn/cluster/drains":   {},
	"cmd/tinycdn/cluster/commit":   {"cmd/tinycdn/cluster/manifest", "cmd/tinycdn/cluster/roster"},
	"cmd/tinycdn/cluster/store":    {"cmd/tinycdn/cluster/manifest"},
	"cmd/tinycdn/cluster/manifest": {"cmd/tinycdn/cluster/roster"},
	"cmd/tinycdn/cluster/roster":   {},
	"cmd/tinycdn/setup":            {"cmd/tinycdn/cluster", "cmd/tinycdn/cluster/*", "cmd/tinycdn/config", "packaging"},
	"cmd/tinycdn/system":           {},
	"cmd/tinycdn/worldmap":         {"cmd/tinycdn/words"},
	"cmd/tinycdn/worldmap/mkland":  {"cmd/tinycdn/worldmap"},
}
