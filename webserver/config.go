package webserver

import (
	"io"
	"net/netip"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/accesslog"
	"tinycdn/webserver/conns"
	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// Config is how the server works. Its sites come by Publish. The comments of what has a key are the manual.
type Config struct {
	// addresses for HTTP; `"pop"` is this POP's own at port 80, and those of other POPs are passed over. Left out: `":80"`
	Listen []string `toml:"listen" restart:"true"`
	// addresses for HTTPS; `"pop"` is this POP's own at port 443. Left out: `":443"`, once there are `certs` if `listen` is written
	TLSListen []string `toml:"tls_listen" restart:"true"`
	// send HTTP to HTTPS, for the hosts that `certs` are for. Left out: `true`
	HTTPSRedirect bool `toml:"https_redirect" restart:"true"`
	// HTTP/3 as well, at the ports of `tls_listen` over UDP. Left out: `false`
	HTTP3 bool `toml:"http3" restart:"true"`
	// Strict-Transport-Security over HTTPS; `""` for none. Left out: `"max-age=7776000"`
	HSTS string `toml:"hsts" restart:"true"`
	// connections in all, as far as memory and the limit on open files allow; for one more, the idlest or slowest is closed. Left out: 10000
	Clients int `toml:"clients" restart:"true"`
	// connections from one IPv4 address or IPv6 /64; for one more, its own idlest or slowest is closed. Left out: 250
	PerAddress int `toml:"clients_per_address" restart:"true"`
	// proxies in front, whose PROXY protocol and `X-Forwarded-For` or `Forwarded` count. Left out: none
	Trusted []netip.Prefix `toml:"trusted" restart:"true"`
	// addresses that may purge pages and read the counters over HTTP, beside `admin_socket`. Left out: none
	Admin []netip.Prefix `toml:"admin" restart:"true"`

	AccessLog *accesslog.Config `toml:"access_log" restart:"true"` // nil: none

	TLSLater bool // HTTPS is not listened to before there is to be a certificate

	Peers *Peers // nil: there are none
	// Purge has the peers forget a URL, too, of which so many responses were forgotten here, and says what came of it. Whole says that
	// all did. Nil: there is nobody else.
	Purge func(url string, here int) (text string, whole bool)

	POP string // named in X-Pop and Server-Timing; "": in neither

	// Inherited are sockets that another process has bound, and may still answer on; nil: there are none.
	Inherited *inet.Sockets
	// QUICAfter is closed when that process has closed its connections of QUIC, whose packets come to the same socket; nil: there is none.
	QUICAfter <-chan struct{}
	// States is what else this POP does, for the health page; nil: nothing. It is called at each request for that.
	States func() States
	Away   func() string // why visitors had better go to another POP, in a word; nil, or "": they need not
	// Token is what is answered on a host for a token of an authority of certificates (RFC 8555, 8.3), over HTTP too, be the host a site's
	// or not; "": nothing. Nil: there are none.
	Token func(host, token string) string
	// Counters writes all that this POP counts, for admins who come over HTTP; nil: they get none.
	Counters func(io.Writer)
	// Where tells a visitor of a host how his address is placed; nil, or no text: nobody wants that to be told.
	Where func(host string, client netip.Addr, asJSON bool) (kind string, text []byte)
}

// Default is what holds where a configuration says nothing. There is no access log unless it names a file.
func Default() Config {
	return Config{
		Listen: []string{":80"}, TLSListen: []string{":443"},
		HTTPSRedirect: true,
		HSTS:          "max-age=7776000", // 90 days: it outlives a certificate's renewal, and a change of mind is not for ever
		Clients:       conns.DefaultClients, PerAddress: conns.DefaultPerAddress,
		AccessLog: &accesslog.Config{Format: "combined", Addresses: "truncated"},
	}
}

// Check reports what is wrong with c, at the keys below it.
func (c *Config) Check(report diag.Report) {
	inet.CheckListen(diag.At("listen"), c.Listen, "80", report)
	inet.CheckListen(diag.At("tls_listen"), c.TLSListen, "443", report)
	report.Positive(diag.At("clients"), int64(c.Clients))
	report.Positive(diag.At("clients_per_address"), int64(c.PerAddress))
	page.CheckField(diag.At("hsts"), c.HSTS, report)
	if c.AccessLog != nil {
		c.AccessLog.Check(report.Below("access_log"))
	}
}
