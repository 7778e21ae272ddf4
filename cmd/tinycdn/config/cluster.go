package config

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"tinycdn/geoip/inet"
	"tinycdn/zones/diag"
)

// Cluster is [cluster].
type Cluster struct {
	// a port of its own at which the POPs listen for each other, `":7443"`, with addresses if need be as in `dns.listen`; `tinycdn
	// setup` brings it to them. Left out: port 443
	Listen []string `toml:"listen"`
	// how many generations a POP keeps for `tinycdn rollback`; those of the last days stay anyway as `cluster.assets` has it, as
	// long as there is room. Left out: 10
	Keep int `toml:"keep"`
	// disk for all generations of a POP together; the oldest go first, never what is served and the one before. Left out: `"2GB"`
	Disk ByteSize `toml:"disk"`
	// the share of a site's files, or of a zone's records, that may go with a generation, or of IPv4 that may be sent to other POPs by a map, before
	// `--yes` is asked for. Left out: 0.5
	Brake float64 `toml:"brake"`
	// how long files with a hash in their name are still served that a deploy took away, for pages that are open somewhere; `"0s"`
	// for not at all. Left out: `"7d"`
	Assets Span `toml:"assets"`
}

func defaultCluster() Cluster {
	return Cluster{Keep: 10, Disk: 2e9, Brake: 0.5, Assets: Span(7 * 24 * time.Hour)}
}

// Span is a time that may be given in days: "7d", or "12h" as others.
type Span time.Duration

func (s *Span) UnmarshalText(text []byte) error {
	if days, ok := strings.CutSuffix(string(text), "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			*s = Span(n) * Span(24*time.Hour)
			return nil
		}
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 {
		return fmt.Errorf(`%q is no time, such as "7d" or "12h"`, text)
	}
	*s = Span(d)
	return nil
}

// channelPort is the usual one for a channel that does not share that of the pages.
const channelPort = "7443"

func (c *checker) checkCluster() {
	report := c.below("cluster")
	report.Positive(diag.At("keep"), int64(c.config.Cluster.Keep))
	report.Positive(diag.At("disk"), int64(c.config.Cluster.Disk))
	if b := c.config.Cluster.Brake; !(b > 0 && b <= 1) {
		report(diag.At("brake"), "%v is no share: want more than 0, and at most 1", b)
	}
	inet.CheckListen(diag.At("cluster", "listen"), c.config.Cluster.Listen, channelPort, c.wrong)
	for i, address := range c.config.Cluster.Listen {
		if strings.HasSuffix(address, ":0") {
			c.wrong(diag.At("cluster", "listen", strconv.Itoa(i)), "%q: the others have to know the port", address)
		}
	}
}

// ChannelAt is where the POP of that name listens for the other members of its cluster, and at which ports they find it. Nothing: at the
// usual place.
func (c *Config) ChannelAt(pop string) (listen, ports []string) {
	listen = c.listenAt(pop, c.Cluster.Listen, channelPort, &Listening{})
	for _, address := range listen {
		if _, port, err := net.SplitHostPort(address); err == nil {
			ports = append(ports, port)
		}
	}
	return listen, ports
}

// readSSH keeps where a POP is reached by ssh. It becomes a word of a command line, and must not be an option there.
func (c *checker) readSSH(pop, host string) {
	if strings.HasPrefix(host, "-") || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		c.wrong(diag.At("pops", pop, "ssh"), `%q is no host for ssh: want "root@192.0.2.1", or a name from ~/.ssh/config`, host)
		return
	}
	if host != "" {
		c.config.SSH[pop] = host
	}
}
