package config

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMistakesInTheConfiguration(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"zoens = []", `1: unknown key "zoens" (did you mean "zones"?)`},
		{"[dns]\nlisten = [':53'", `2: expected a comma (',') or array terminator (']'), but got end of file (after key dns.listen)`},
		{"listen = ':53'", `1: unknown key "listen" (it belongs under [admin] or [cluster] or [dns] or [web])`},
		{"databases = []", `1: unknown key "databases" (it belongs under [geoip])`},
		{"[web]\nfile = 'x'", `2: web: unknown key "file" (it belongs under [web.access_log])`},
		{"dns.listen = 'pop'", `1: dns.listen: "pop" is the addresses of this POP, but there are no [pops]`},
		{"dns.listen = '[fe80::1]:53'", `1: dns.listen: fe80::1 is an address of each interface: say of which (such as "[fe80::1%eth0]:53")`},
		{"[dns]\nlistn = ':53'", `2: dns: unknown key "listn" (did you mean "listen"?)`},
		{"log = 'xml'", `1: log: "xml" is neither "text" nor "json"`},
		{"pop = 1", `1: pop: want a string, not a whole number`},
		{"pop = 'ncy'\n" + twoPOPs, `1: pop: POP "ncy" is not defined (did you mean "nyc"?)`},

		{"zones = ['zones/[.toml']", `1: zones: "zones/[.toml" is not a pattern: a [ without its ]`},
		{"zones = 5", `1: zones: want a list, not a whole number`},
		{"zones = [5]", `1: zones: want a file, or { origin = "example.org", file = "..." }, not a whole number`},
		{"zones = [{ orign = 'x', file = 'a.zone' }]", `1: zones: unknown key "orign" (did you mean "origin"?)`},
		{"zones = [{ file = 'a.zone' }]", `1: zones: want { origin = "example.org", file = "..." }, both strings`},

		{"zones = ['a.zone', { origin = 'b..d',\nfile = 'a.zone' }]", `1: zones.origin: "b..d" cannot be a zone's name: has an empty label (two dots, or a dot in front)`},

		{"dns.listen = []", `1: dns.listen: the list is empty (":53" is every local address)`},
		{"dns.listen = ['192.0.2.1']", `1: dns.listen: "192.0.2.1" has no port (did you mean "192.0.2.1:53"?)`},
		{"dns.listen = ['2001:db8::1']", `1: dns.listen: "2001:db8::1" has no port (did you mean "[2001:db8::1]:53"?)`},
		{"dns.listen = ['localhost:53']", `1: dns.listen: "localhost" is not an address (":53" is every local one)`},
		{"dns.listen = [':dns']", `1: dns.listen: ":dns" is not an address and a port, like "192.0.2.1:53", "[2001:db8::1]:53" or ":53"`},
		{"dns.listen = [':65536']", `1: dns.listen: ":65536" is not an address and a port, like "192.0.2.1:53", "[2001:db8::1]:53" or ":53"`},
		{"dns.listen = [':53', ':53']", `1: dns.listen: ":53" is listed twice`},
		{"dns.clients = 0", `1: dns.clients: must be above 0`},
		{"[dns]\ntcp_clients = 5", `2: dns: unknown key "tcp_clients": it is now called "clients"`},
		{"dns.tcp_per_address = 5", `1: dns: unknown key "tcp_per_address": it is now called "clients_per_address"`},
		{"dns.tcp_idle = '-1s'", `1: dns.tcp_idle: must be above 0`},
		{"dns.tcp_idle = 30", `1: dns.tcp_idle: want a time like "30s" or "5m"`},
		{"dns.nsid = '" + strings.Repeat("x", 255) + "'", `1: dns.nsid: 255 octets long; the most is 254`},
		{"dns.udp_size = 511", `1: dns.udp_size: must be 512 to 4096`},
		{"dns.udp_size = 4097", `1: dns.udp_size: must be 512 to 4096`},
		{"dns.rrl = 200", `1: dns.rrl: want a table, true or false, not a whole number`},
		{"dns.rrl = { rate = 0 }", `1: dns.rrl.rate: must be 1 to 25000`},
		{"dns.rrl.rate = 25001", `1: dns.rrl.rate: must be 1 to 25000`},
		{"dns.rrl.rate = 'many'", `1: dns.rrl.rate: want a whole number, not a string`},
		{"dns.rrl.slip = 0", `1: dns.rrl.slip: must be 1 to 10`},
		{"dns.rrl.exempt = ['localhost']", `1: dns.rrl.exempt: "localhost" is neither an address nor a network, such as "10.0.0.0/8"`},
		{"dns.rrl.exempt = 7", `1: dns.rrl.exempt: want a string or a list of strings, not a whole number`},
		{"dns.query_log_sample = 0", `1: dns.query_log_sample: must be 1 to 1000000`},
		{"dns.query_log_sample = 1000001", `1: dns.query_log_sample: must be 1 to 1000000`},
		{"dns.rrl.rates = 7", `1: dns.rrl: unknown key "rates" (did you mean "rate"?)`},
		{"dns.cookie_secret_file = 'none'", `1: dns.cookie_secret_file: none: no such file or directory`},
		{"dns.cookie_secret_file = 'zones'", `1: dns.cookie_secret_file: zones: is a folder, not a file`},
		{"dns.cookie_secret_file = 'a.zone'", `1: dns.cookie_secret_file: a.zone: want one or two lines of 32 hexadecimal digits (od -An -tx8 -N16 /dev/urandom | tr -d ' ' makes one)`},
		{"admin.listen = '127.0.0.1:9053'", `1: admin.listen: it needs token_file: who comes over loopback may be anybody, by way of a forwarder`},
		{"admin = { listen = '127.0.0.1', token_file = 'a.zone' }", `1: admin.listen: "127.0.0.1" has no port (did you mean "127.0.0.1:9053"?)`},
		{"admin.token = 'x'", `1: admin: unknown key "token"`},
		{"geoip.databases = ['']", `1: geoip.databases: the path is empty`},

		{"[pops.x]\naddresses = '192.0.2.1'", `1: pops.x.location: missing: write location = [latitude, longitude] in degrees`},
		{"[pops.x]\nlocation = [0, 0]", `1: pops.x.addresses: missing: what clients of this POP are answered`},
		{"[pops.x]\naddresses = []\nlocation = [0, 0]", `2: pops.x.addresses: missing: what clients of this POP are answered`},
		{"[pops.x]\naddress = '192.0.2.1'\naddresses = '192.0.2.1'\nlocation = [0, 0]", `2: pops.x: unknown key "address" (did you mean "addresses"?)`},
		{onePOP("addresses = ['192.0.2.1',\n'192.0.2.256']"), `3: pops.x.addresses: "192.0.2.256" is not an IP address`},
		{onePOP("addresses = '::ffff:192.0.2.1'"), `2: pops.x.addresses: "::ffff:192.0.2.1" is an IPv4 address (did you mean "192.0.2.1"?)`},
		{onePOP("addresses = '192.0.2.1'\nssh = '-oProxyCommand=x'"), `3: pops.x.ssh: "-oProxyCommand=x" is no host for ssh: want "root@192.0.2.1", or a name from ~/.ssh/config`},
		{onePOP("addresses = '192.0.2.1'\nssh = 'a b'"), `3: pops.x.ssh: "a b" is no host for ssh: want "root@192.0.2.1", or a name from ~/.ssh/config`},
		{"[cluster]\nlisten = '7443'", `2: cluster.listen: "7443" is not an address and a port, like "192.0.2.1:7443", "[2001:db8::1]:7443" or ":7443"`},
		{"[cluster]\nassets = '7 days'", `2: cluster.assets: "7 days" is no time, such as "7d" or "12h"`},
		{"[cluster]\nassets = '-1h'", `2: cluster.assets: "-1h" is no time, such as "7d" or "12h"`},
		{"[cluster]\nlisten = ':0'", `2: cluster.listen: ":0": the others have to know the port`},
		{onePOP("addresses = '0.0.0.0'"), `2: pops.x.addresses: 0.0.0.0 is no server's address`},
		{onePOP("addresses = ['192.0.2.1']") + "[pops.y]\nlocation = [0, 0]\naddresses = '192.0.2.1'", `6: pops.y.addresses: 192.0.2.1 is an address of POP "x" already`},
		{"[pops.x]\naddresses = '192.0.2.1'\nlocation = [151.21, -33.87]", `3: pops.x.location: latitude 151.21 is beyond 90 degrees: it comes first (did you mean [-33.87, 151.21]?)`},
		{"[pops.x]\naddresses = '192.0.2.1'\nlocation = [91, 181]", `3: pops.x.location: [91, 181] is not on the Earth: want latitude -90 to 90, longitude -180 to 180`},
		{"[pops.x]\naddresses = '192.0.2.1'\nlocation = [1, nan]", `3: pops.x.location: want a number, not nan`},
		{"[pops.x]\naddresses = '192.0.2.1'\nlocation = [1]", `3: pops.x.location: want a list of 2, not of 1`},
		{"[pops.x]\naddresses = '192.0.2.1'\nlocation = 'here'", `3: pops.x.location: want a list, not a string`},
		{"[pops.'a b']\naddresses = '192.0.2.1'\nlocation = [0, 0]", `1: pops."a b": a POP's name is up to 63 letters, digits, dots and hyphens`},

		{twoPOPs + "[maps.site]\nnearest = true", `7: maps.site.default: missing: name the POP for addresses whose location is unknown`},
		{twoPOPs + "[maps.site]\ndefault = 5", `8: maps.site.default: want a string or a list of strings, not a whole number`},
		{twoPOPs + "[maps.site]\ndefault = 'nyx'", `8: maps.site.default: POP "nyx" is not defined (did you mean "nyc"?)`},
		{twoPOPs + oneMap + "contries = {}", `9: maps.site: unknown key "contries" (did you mean "countries"?)`},
		{twoPOPs + oneMap + "pops = ['nyc', 'ffra']", `9: maps.site.pops: POP "ffra" is not defined (did you mean "fra"?)`},
		{twoPOPs + oneMap + "pops = ['fra']", `8: maps.site.default: POP "nyc" is not among the map's pops (fra)`},
		{twoPOPs + oneMap + "answers = 0", `9: maps.site.answers: 0 is out of range (the map has 2 POPs, and an answer holds at least one)`},
		{twoPOPs + oneMap + "ipv6 = 'yes'", `9: maps.site.ipv6: "yes" is neither "all" nor "any"`},
		{twoPOPs + "[pops.syd]\naddresses = '2001:db8::3'\nlocation = [-33.87, 151.21]\n" + oneMap,
			`10: maps.site: syd has no IPv4 and fra has no IPv6, so no kind of address is one that all its POPs have: add what is missing, or write ipv6 = "any"`},
		{twoPOPs + oneMap + "countries = { EU = 'fra' }", `9: maps.site.countries.EU: "EU" is not an ISO 3166-1 country code: ` +
			`old databases of MaxMind had it for Europe; leave it out (the continent EU belongs under continents)`},
		{twoPOPs + oneMap + "bias = { fra = 0 }", `9: maps.site.bias.fra: 0 is out of range (above 0; 1 is neutral, 0.5 makes the POP seem half as far)`},
		{twoPOPs + oneMap + "[maps.site.countries]\nNZ = 'nyc'\nUK = 'fra'", `11: maps.site.countries.UK: "UK" is not an ISO 3166-1 country code (did you mean "GB"?)`},
		{twoPOPs + oneMap + "asns = { Telstra = 'nyc' }", `9: maps.site.asns.Telstra: "Telstra" is not the number of a network, such as AS4804`},
		{twoPOPs + oneMap + "[maps.site.asns]\nAS1 = 'nyc'\nas1 = 'fra'", `11: maps.site.asns.as1: the same network as "AS1"`},
		{twoPOPs + oneMap + "[maps.site.asns]\nas2 = 'nyx'", `10: maps.site.asns.as2: POP "nyx" is not defined (did you mean "nyc"?)`},
		{twoPOPs + oneMap + "networks = { '203.0.113.0' = 'fra' }", `9: maps.site.networks."203.0.113.0": "203.0.113.0" is not a network, such as 203.0.113.0/24 (did you mean "203.0.113.0/32"?)`},
		{twoPOPs + oneMap + "networks = { '203.0.113.1/24' = 'fra' }", `9: maps.site.networks."203.0.113.1/24": has bits set behind its length (did you mean "203.0.113.0/24"?)`},
		{twoPOPs + oneMap + "[maps.site.networks]\n'2001:db8::/32' = 'nyc'\n'2001:DB8::/32' = 'fra'", `11: maps.site.networks."2001:DB8::/32": the same network as "2001:db8::/32"`},
		{twoPOPs + oneMap + "[maps.site.networks]\n\n'2001:DB8::/32' = 'frra'", `11: maps.site.networks."2001:DB8::/32": POP "frra" is not defined (did you mean "fra"?)`},

		{"[web]\ncerts = ['a.pem']", `2: web.certs: want a pair like ["fullchain.pem", "privkey.pem"]`},
		{"[web]\ncerts = ['a.pem', 'b.pem', 'c.pem']", `2: web.certs: want a pair like ["fullchain.pem", "privkey.pem"]`},
		{"[web]\ncerts = []", `2: web.certs: want a pair like ["fullchain.pem", "privkey.pem"], or a list of pairs`},
		{"[web]\ncache_bytes = 'much'", `2: web.cache_bytes: "much" is not a number of bytes, such as "64MB"`},
		{"[web]\nadmin_socket = '/" + strings.Repeat("x", 107) + "'", `2: web.admin_socket: /` + strings.Repeat("x", 107) + `: its path has 108 octets, and a socket's may have 107`},
		{"[web]\ncerts = ['a', 'b']\nlisten = [':80',\n':443']", `4: web.listen: ":443" is in web.tls_listen, too`},
		{"[web]\ncerts = ['a', 'b']\nlisten = ':80'\ntls_listen = [':443',\n ':80']", `5: web.tls_listen: ":80" is in web.listen, too`},
		{"[sites.'example.org']\nhosts = 'a b'\nroot = 'x'", `2: sites."example.org".hosts: "a b" is not the name of a host ("*" is every host)`},
		{"[sites.'a b']\nroot = 'x'", `1: sites."a b": "a b" is not the name of a host ("*" is every host)`},
		{"[sites.a]\nroot = 'x'\n[sites.b]\nhosts = 'A.'\nroot = 'x'", `4: sites.b.hosts: host "a" belongs to site "a" already`},
		{"[web]\nhsts = \"a\\nb\"", `2: web.hsts: a control character is in the value of a header field`},
		{"[web]\nclients = 0", `2: web.clients: must be above 0`},
		{"[web]\ntrusted = ['10.0.0.1', '10.0.0/8']", `2: web.trusted: "10.0.0/8" is neither an address nor a network, such as "10.0.0.0/8"`},
		{"[web.access_log]\nformat = 'jsn'", `2: web.access_log.format: "jsn" is not one of combined, json (did you mean "json"?)`},
		{"[web.access_log]\naddresses = 'some'", `2: web.access_log.addresses: "some" is not one of truncated, full, none`},
		{"[web]\ncache_bytes = '1MB'\n[sites.a]\nroot = 'x'\n[sites.b]\nroot = 'y'", `2: web.cache_bytes: too little for 2 sites: each needs 1 MB or more`},
		{"[sites.a]\nroot = 'x'\nhosts = '*'\n[sites.b]\nhosts = '*'\nroot = 'x'", `5: sites.b.hosts: host "*" belongs to site "a" already`},
		{"[sites.a]\nroot = 'x'\ncanonical = 'b'", `3: sites.a.canonical: "b" is not among the hosts of the site (did you mean "a"?)`},
		{"[sites.a]\nroot = 'x'\norigin_host = 'b'", `3: sites.a.origin_host: it is for a site with an origin`},
		{"[sites.a]\norigin = 'http://b'\ncache_control = { '/' = 'no-store' }", `3: sites.a.cache_control: the application says for itself how long its responses may be kept`},
		{"[sites.a]\nroot = 'x'\ncache_control = { 'x' = 'no-store' }", `3: sites.a.cache_control.x: a pattern is a path, "/assets/*", or an end, "*.pdf"`},
		{"[sites.a]\nroot = 'x'\ncache_control = { '/x/*/y' = 'no-store' }", `3: sites.a.cache_control."/x/*/y": a * may only stand at the end, "/assets/*", or at the beginning, "*.pdf"`},
		{"[sites.a]\npages = 'x'\nindex = true", `3: sites.a.index: it is for a site with a root`},
		{"[sites.a]\norigin = 'http://b'\nindex = true", `3: sites.a.index: it is for a site with a root`},
		{"[sites.a]\nroot = 'x'\nindex = 'yes'", `3: sites.a.index: want true or false, not a string`},
		{"[sites.a]\nroot = 'x'\n[sites.a.types]\n'*.pem' = 'text/plain'\n'*.x' = 'text'", `5: sites.a.types."*.x": "text" is no media type, such as "text/plain; charset=utf-8"`},
		{"[sites.a]\npages = 'x'\ntypes = { 'x.pem' = 'text/plain' }", `3: sites.a.types."x.pem": a pattern is a path, "/assets/*", or an end, "*.pdf"`},
		{"[sites.a]\nroot = 'x'\ntypes = { '*.pem' = 7 }", `3: sites.a.types."*.pem": want a string, not a whole number`},
		{"[sites.a]\norigin = 'http://b'\ntypes = { '*.pem' = 'text/plain' }", `3: sites.a.types: the application says for itself of what type its responses are`},
		{"[sites.a]\nroot = 'x'\nheaders = { Vary = 'x' }", `3: sites.a.headers.Vary: Vary is set by the server, for each response`},
		{"[sites.a]\nroot = 'x'\nheaders = { accept-ranges = 'none' }", `3: sites.a.headers.accept-ranges: Accept-Ranges is set by the server, for each response`},
		{"[sites.a]\nroot = 'x'\nhsts = \"a\\nb\"", `3: sites.a.hsts: a control character is in the value of a header field`},
		{"[sites.a]\nroot = 'x'\nhttps_redirect = 'no'", `3: sites.a.https_redirect: want true or false, not a string`},
		{"[sites.a]\nroot = 'x'\n[sites.a.headers]\nx-a = '1'\nX-A = '2'", `5: sites.a.headers.X-A: the same field as "x-a"`},
		{"[sites.a]\nroot = 'x'\nheaders = { 'a b' = 'x' }", `3: sites.a.headers."a b": "a b" is not the name of a header field`},
		{"[sites.a]\nroot = 'x'\nredirects = { 'x' = '/y' }", `3: sites.a.redirects.x: a redirect is from a path, such as "/old" or "/old/*"`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/x' = 'y' }", `3: sites.a.redirects."/x": "y" is neither a path such as "/new" nor a URL`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/x' = '//y' }", `3: sites.a.redirects."/x": "//y" is neither a path such as "/new" nor a URL`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/x*' = 'https://y*' }", `3: sites.a.redirects."/x*": what comes in place of the * would become a part of the host: want "https://y/*"`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/x' = '/x' }", `3: sites.a.redirects."/x": it leads to itself`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/x/*' = '/x/y' }", `3: sites.a.redirects."/x/*": /x/y is among what it redirects: it would never end`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/a%20b' = '/a b' }", `3: sites.a.redirects."/a%20b": it leads to itself`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/caf%C3%A9/*' = '/café/x' }", `3: sites.a.redirects."/caf%C3%A9/*": /café/x is among what it redirects: it would never end`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/x?id=1' = '/y' }", `3: sites.a.redirects."/x?id=1": the path alone decides: leave out "?id=1" (the visitor's query goes along; a ? in a path is %3F, a # is %23)`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/x#part' = '/y' }", `3: sites.a.redirects."/x#part": the path alone decides: leave out "#part" (the visitor's query goes along; a ? in a path is %3F, a # is %23)`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/u/:id/x' = '/y' }", `3: sites.a.redirects."/u/:id/x": :id stands for nothing here: "/old/*" is everything below /old/ (a path with a colon there is written with %3A)`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/u/*' = 'https://y.example:8080/:splat' }", `3: sites.a.redirects."/u/*": :splat stands for nothing here: "/old/*" = "/new/*" keeps what is below`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/a%2Fb' = '/y' }", `3: sites.a.redirects."/a%2Fb": /a%2Fb has a dot segment, a control character or an encoded slash in it: nobody is sent on from there`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/x/../y' = '/z' }", `3: sites.a.redirects."/x/../y": /x/../y has a dot segment, a control character or an encoded slash in it: nobody is sent on from there`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/a b' = '/y', '/a%20b' = '/z' }", `3: sites.a.redirects."/a%20b": this is the same path as "/a b"`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/x' = { to = '/y', status = 200 } }", `3: sites.a.redirects."/x": status 200 is none of 301, 302, 303, 307, 308 and 410`},
		{"[sites.a]\nroot = 'x'\nredirects = { '/x' = { too = '/y' } }", `3: sites.a.redirects."/x": want where it leads: "/new", or { to = "/new", status = 302 }`},
		{"[sites.a]\nroot = 'x'\npages = 'y'", `1: sites.a: want one of pages, root and origin, not 2`},
		{"[sites.a]", `1: sites.a: want one of pages, root and origin, not 0`},
		{"[sites.a]\norigin = 'http://127.0.0.1:70000'", `2: sites.a.origin: 70000 is not the number of a port (1 to 65535)`},
		{"[sites.a]\norigin = 'http://127.0.0.1:0'", `2: sites.a.origin: 0 is not the number of a port (1 to 65535)`},
		{"[sites.a]\norigin = '127.0.0.1:3000'", `2: sites.a.origin: "127.0.0.1:3000" is not a URL like "http://127.0.0.1:3000"`},
		{"[sites.a]\norigin = 'http://user:secret@b'", `2: sites.a.origin: an origin takes no user and password: leave out what stands before the @`},
		{"[sites.a]\norigin = 'http://b/c?d=e'", `2: sites.a.origin: an origin is a host, perhaps with a path: leave out "?d=e" (the visitor's query goes along)`},
		{"[sites.a]\norigin = 'http://unix:/run/app.sock'", `2: sites.a.origin: a unix socket is written "unix:/run/app.sock"`},
		{"[sites.a]\norigin = 'unix:/" + strings.Repeat("x", 107) + "'", `2: sites.a.origin: /` + strings.Repeat("x", 107) + ` has 108 bytes; the path of a unix socket may have 107`},
		{"[sites.a]\norigin = 'unix:/run/a.sock'\ncache_control = { '/' = 'no-store' }", `3: sites.a.cache_control: the application says for itself how long its responses may be kept`},

		{paths("'static/*' = { root = 'x' }"), `3: sites.a.paths."static/*": want a path, "/feed.xml", or all below one, "/static/*"`},
		{paths("'*.pdf' = { root = 'x' }"), `3: sites.a.paths."*.pdf": want a path, "/feed.xml", or all below one, "/static/*"`},
		{paths("'/static*' = { root = 'x' }"), `3: sites.a.paths."/static*": a * stands for all below a path: "/static/*"`},
		{paths("'/x?a' = { root = 'x' }"), `3: sites.a.paths."/x?a": the path alone decides: leave out "?a" (the visitor's query goes along; a ? in a path is %3F, a # is %23)`},
		{paths("'/a b/*' = { root = 'x' }\n'/a%20b/*' = { root = 'y' }"), `4: sites.a.paths."/a%20b/*": these are the same paths as of "/a b/*"`},
		{paths("'/x/*' = { root = 'x', pages = 'y' }"), `3: sites.a.paths."/x/*": want one of pages, root and origin, not 2`},
		{paths("'/x/*' = {}"), `3: sites.a.paths."/x/*": want one of pages, root and origin, not 0`},
		{paths("'/x/*' = 'static'"), `3: sites.a.paths."/x/*": want a table, not a string`},
		{paths("'/x/*' = { rot = 'x', root = 'x' }"), `3: sites.a.paths."/x/*": unknown key "rot" (did you mean "root"?)`},
		{paths("'/x/*' = { root = 'x', headers = {} }"), `3: sites.a.paths."/x/*": unknown key "headers"`},
		{paths("'/x/*' = { root = 'x', origin_host = 'b' }"), `3: sites.a.paths."/x/*".origin_host: it is for a site with an origin`},
		{paths("'/x/*' = { origin = 'http://b', cache_control = { '/x/*' = 'no-store' } }"), `3: sites.a.paths."/x/*".cache_control: the application says for itself how long its responses may be kept`},
		{paths("'/x/*' = { root = 'x', cache_control = { 'x' = 'no-store' } }"), `3: sites.a.paths."/x/*".cache_control.x: a pattern is a path, "/assets/*", or an end, "*.pdf"`},
		{paths("'/x/*' = { origin = 'http://b:0' }"), `3: sites.a.paths."/x/*".origin: 0 is not the number of a port (1 to 65535)`},
		{paths("'/x.html' = { pages = 'x' }"), `3: sites.a.paths."/x.html".pages: pages are all that is below a path: want a pattern like "/*"`},
		{"[sites.a]\nroot = 'x'\npaths = { '/*' = { root = 'y' } }", `3: sites.a.paths."/*": the site itself says already where the rest comes from: leave out one of them`},
		{"[sites.a]\npaths = {}", `1: sites.a: want one of pages, root and origin, not 0`},
		{"[sites.a]\npaths = 'x'\nroot = 'y'", `2: sites.a.paths: want a table, not a string`},
		{"[sites.a]\npages = 'x'\nroot = 'y'\npaths = { '/x' = { root = 'x' } }", `1: sites.a: want one of pages, root and origin, not 2`},
		{"[sites.a]\norigin_host = 'b'\npaths = { '/x' = { origin = 'http://b' } }", `2: sites.a.origin_host: it is for a site with an origin`},
		{"[sites.a]\norigin = 'http://b'\ncache_control = { '/' = 'no-store' }\npaths = { '/x' = { origin = 'http://b' } }", `3: sites.a.cache_control: the application says for itself how long its responses may be kept`},
		{"[sites.a]\nroot = 'x'\ncache_bytes = '2MB'\n[sites.a.paths]\n'/x/*' = { root = 'x', cache_bytes = '1500KB' }", `3: sites.a.cache_bytes: too little for 2 paths: each needs 1 MB or more`},
		{"[web]\ncache_bytes = '2MB'\n" + paths("'/x/*' = { root = 'x' }\n'/y/*' = { root = 'y' }\n'/*' = { root = 'z' }"), `2: web.cache_bytes: too little for 3 sites and paths: each needs 1 MB or more`},
	} {
		t.Run(test.text[:min(40, len(test.text))], func(t *testing.T) {
			t.Parallel()
			_, problems := load(t, test.text, "a.zone", "zones/x.toml")
			if len(problems) != 1 || problems[0] != "tinycdn.toml:"+test.want {
				t.Errorf("of\n%s\ngot  %s\nwant tinycdn.toml:%s", test.text, strings.Join(problems, "\n     "), test.want)
			}
		})
	}
}

// paths is a site of which these are the paths.
func paths(text string) string { return "[sites.a]\n[sites.a.paths]\n" + text + "\n" }

// onePOP is a POP whose other settings are right.
func onePOP(text string) string { return "[pops.x]\n" + text + "\nlocation = [0, 0]\n" }

func TestAllMistakesAreToldInTheOrderOfTheFile(t *testing.T) {
	t.Parallel()
	_, problems := load(t, "zones = [5]\nlog = 'x'\n[dns]\nlisten = 5\n"+twoPOPs+"[maps.site]\nanswers = 9\n")
	var lines []string
	for _, p := range problems {
		lines = append(lines, strings.Split(p, ":")[1])
	}
	if want := []string{"1", "2", "4", "11", "12"}; !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant lines %v", strings.Join(problems, "\n"), want)
	}
}

// TestAllMistakesOfALineAreTold, but not what follows from one: a value that could not be read is no missing one.
func TestAllMistakesOfALineAreTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"sites.a = { root = 'x', types = { x = 'text', '*.y' = 5 }, bogus = 1, canonical = 'b' }", `
1: sites.a.types."*.y": want a string, not a whole number
1: sites.a: unknown key "bogus"
1: sites.a.canonical: "b" is not among the hosts of the site (did you mean "a"?)
1: sites.a.types.x: a pattern is a path, "/assets/*", or an end, "*.pdf"
1: sites.a.types.x: "text" is no media type, such as "text/plain; charset=utf-8"`},
		{"pops.x = { addresses = 5, location = [91, 1], foo = 1 }", `
1: pops.x.addresses: want a string or a list of strings, not a whole number
1: pops.x: unknown key "foo"
1: pops.x.location: latitude 91 is beyond 90 degrees: it comes first (did you mean [1, 91]?)`},
		{"pops.x = { address = '192.0.2.1', location = [0, 0] }", `
1: pops.x: unknown key "address" (did you mean "addresses"?)`},
		{"sites.a = { root = 5 }", `
1: sites.a.root: want a string, not a whole number`},
		{"dns = { rrl = { rate = 'many', slip = 11 }, udp_size = 1, clientss = 5 }", `
1: dns.rrl.rate: want a whole number, not a string
1: dns: unknown key "clientss" (did you mean "clients"?)
1: dns.rrl.slip: must be 1 to 10
1: dns.udp_size: must be 512 to 4096`},
	} {
		_, problems := load(t, c.text)
		if got := "\n" + strings.ReplaceAll(strings.Join(problems, "\n"), "tinycdn.toml:", ""); got != c.want {
			t.Errorf("%s: got%s\nwant%s", c.text, got, c.want)
		}
	}
}

func TestConfigurationThatIsNotThere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tinycdn.toml")
	list := Load(path).Mistakes
	if want := path + ": no such file or directory"; len(list) != 1 || list[0].String() != want {
		t.Errorf("got %v, want %s", list, want)
	}
}

func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		twoPOPs + oneMap, "zones = ['*.zone', { origin = 'x', file = 'y' }]\nlog = 'json'\npop = 'x'", "[dns]\nlisten = ['[::1]:53', ':']\ntcp_idle = '5s'",
		twoPOPs + oneMap + "answers = 2\nbias = { fra = 2 }\nnetworks = { '192.0.2.0/24' = 'fra' }\nasns = { AS1 = ['nyc'] }\nregions = { US-HI = 'nyc' }",
		"[web]\ncerts = [['a', 'b'], []]\ncache_bytes = 5\n[sites.x]\norigin = 'http://a'", paths("'/x/*' = { root = 'x', cache_bytes = 5 }\n'/*' = { origin = 'http://a' }\n'y' = 5"), "pops = 1\nmaps = []\nsites = ''\nweb = {}\ngeoip.databases = 'x'",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		config := parse(filepath.Join("none", "tinycdn.toml"), []byte(text))
		for _, p := range config.Mistakes {
			if p.Line < 1 || p.Text == "" || strings.ContainsAny(p.String(), "\r\n") {
				t.Fatalf("a problem without a line, or of more than one: %q", p)
			}
		}
		if len(config.DNS.Listen) == 0 {
			t.Fatal("a configuration without an address is called right, or is what is left of a wrong one")
		}
		if list := check(config.doc, config).mistakes; config.doc.Root.IsTable() && len(list) > 0 {
			t.Fatalf("what is left without mistakes has some: %v", list)
		}
	})
}
