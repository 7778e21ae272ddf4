package config

import (
	"net"
	"strconv"
	"strings"

	"tinycdn/geoip/inet"
	"tinycdn/zones/diag"
)

// Cluster is [cluster].
type Cluster struct {
	// a port of its own at which the POPs listen for each other, `":7443"`, with addresses if need be as in `dns.listen`; `tinycdn
	// setup` brings it to them. Left out: port 443
	Listen []string `toml:"listen"`
}

// channelPort is the usual one for a channel that does not share that of the pages.
const channelPort = "7443"

func (c *checker) checkCluster() {
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
