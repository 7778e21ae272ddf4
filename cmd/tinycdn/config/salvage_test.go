package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What a start makes of a configuration with mistakes: all but what they are about.
func TestWhatIsLeftWithoutItsMistakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, left, costs string }{
		{"zones = ['a.zone', 5, { origin = 'b..d', file = 'b' }, { origin = 'c', file = 'b' }]\n", "a.zone b=c", "no zone is served by this entry; no zone is served by this entry"},
		{"zonse = 'a.zone'\nlog = 'xml'\nuser = 5\n", "log text", "it is as if that had not been written; it is as if that had not been written; it is as if that had not been written"},
		{"dns.listen = ['127.0.0.1', ':54']\n", "dns [:54]", "it is as if that had not been written"},
		{"dns.listen = 'localhost'\n", "dns [:53]", "it is as if that had not been written"},
		{"web.listen = ':80'\nweb.clients = 0\nweb.acess_log = 5\n", "http [:80] clients 10000", "it is as if that had not been written; it is as if that had not been written"},
		{"web.listen = ':80'\nweb.certs = ['a', 'b', 'c']\n", "http [:80] clients 10000 certs []", "it is as if that had not been written"},

		// POPs and maps.
		{twoPOPs + "[pops.syd]\nlocation = [0, 0]\n" + oneMap + "[maps.syd]\ndefault = ['syd', 'fra']\npops = ['syd', 'fra']\ncountries = { AU = 'syd', NZ = ['syd', 'fra'] }\n",
			"nyc=2 fra=1 site:nyc syd:fra/fra,NZ=fra", "nobody is sent to this POP"},
		{"[pops.syd]\nlocation = [0, 0]\n" + twoPOPs + "[maps.m]\ndefault = 'syd'\n", "nyc=2 fra=1 m:nyc", "nobody is sent to this POP"},
		{"[pops.syd]\nlocation = [0, 0]\n" + twoPOPs + "[maps.m]\ndefault = 'syd'\npops = 'syd'\n", "nyc=2 fra=1", "nobody is sent to this POP"},
		{"[pops.x]\naddresses = ['192.0.2.1', '192.0.2.256']\nlocation = [0, 0]\n[maps.m]\ndefault = 'x'\n", "x=1 m:x", "it is as if that had not been written"},
		{twoPOPs + "[maps.m]\nnearest = true\n[maps.n]\ndefault = 'nyx'\n", "nyc=2 fra=1 n:nyc", "zones that use this map get SERVFAIL; it is as if that had not been written"},
		{"[maps.m]\ndefault = 'x'\n", "", "zones that use this map get SERVFAIL; zones that use this map get SERVFAIL"},

		// Sites.
		{"[sites.a]\nroot = 'x'\ncanonical = 'b'\nredirects = { 'x' = '/y', '/x' = '/y' }\n", "a[a]x,/x", "it is as if that had not been written; it is as if that had not been written"},
		{"[sites.a]\nroot = 'x'\npages = 'y'\nhosts = ['a', 'b', '-']\n[sites.'*']\nroot = 'z'\n", "*[*]z a[a b]lost", "the site answers 503; the site answers 503"},
		{"[sites.a]\nroot = '.'\n", "a[a]lost", "the site answers 503"},
		{"[sites.a]\nroot = 'x'\n[sites.b]\nhosts = ['a', 'c']\nroot = 'y'\n", "a[a]x b[c]y", "it is as if that had not been written"},
		{"[sites.a]\norigin = 'http://x:70000'\n", "a[a]lost", "the site answers 503"},
		{paths("'/x/*' = { root = 'x' }\n'/y/*' = { root = 'y', pages = 'y' }\n'z' = { root = 'z' }\n'/*' = { root = 'w' }"), "a[a],/x/*:x,/*:w,/y/*:lost", "the site answers 503 there; it is as if that had not been written"},
		{paths("'/x/*' = { root = 'x', origin_host = 'b' }\n'/y/*' = 'y'"), "a[a],/x/*:x,/y/*:lost", "it is as if that had not been written; the site answers 503 there"},
		{paths("'/x/*' = { rot = 'x' }"), "a[a]lost", "the site answers 503"},
		{"[sites.a]\nroot = 'x'\npaths = { '/*' = { root = 'y' } }", "a[a]x", "it is as if that had not been written"},
	} {
		c, _ := load(t, test.text)
		var costs []string
		for _, m := range c.Mistakes {
			costs = append(costs, m.Cost)
		}
		if got := strings.Join(costs, "; "); got != test.costs {
			t.Errorf("of\n%s\ngot costs  %s\nwant costs %s", test.text, got, test.costs)
		}
		if got := leftOf(c, test.left); got != test.left {
			t.Errorf("of\n%s\ngot  %s\nwant %s", test.text, got, test.left)
		}
	}
}

// leftOf writes a configuration down, as short as can be.
func leftOf(c *Config, want string) string {
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	switch {
	case strings.HasPrefix(want, "log"):
		add("log %s", c.Log)
	case strings.HasPrefix(want, "dns"):
		add("dns %v", c.DNS.Listen)
	case strings.HasPrefix(want, "http"):
		add("http %v clients %d", c.Web.Listen, c.Web.Clients)
		if strings.Contains(want, "certs") {
			add("certs %v", c.Web.Certs)
		}
	}
	for _, zone := range c.Zones {
		add("%s", strings.TrimSuffix(zone.Path[strings.LastIndexByte(zone.Path, '/')+1:]+"="+zone.Origin, "="))
	}
	for _, pop := range c.POPs {
		add("%s=%d", pop.Name, len(pop.Addresses))
	}
	for _, m := range c.Maps {
		text := m.Name + ":" + strings.Join(m.Default, ",")
		if len(m.POPs) > 0 {
			text += "/" + strings.Join(m.POPs, ",")
		}
		for _, rule := range m.Countries {
			text += "," + rule.For + "=" + strings.Join(rule.POPs, ",")
		}
		add("%s", text)
	}
	for _, site := range c.Sites {
		text := fmt.Sprintf("%s%v%s", site.Name, site.Hosts, site.Root[strings.LastIndexByte(site.Root, '/')+1:])
		if site.Lost {
			text += "lost"
		}
		for _, path := range site.Paths {
			text += "," + path.Pattern + ":" + path.Root[strings.LastIndexByte(path.Root, '/')+1:]
			if path.Lost {
				text += "lost"
			}
		}
		for _, redirect := range site.Redirects {
			text += "," + redirect.From
		}
		add("%s", text)
	}
	return strings.Join(list, " ")
}

// An operator whose POP is not among those of the file is told; one whose POP is broken is not told that it is not defined.
func TestABrokenPOPIsStillTheName(t *testing.T) {
	t.Parallel()
	c, mistakes := load(t, "pop = 'syd'\n[pops.syd]\nlocation = [0, 0]\n"+twoPOPs)
	if name, err := c.ThisPOP(""); name != "syd" || err != nil || len(mistakes) != 1 {
		t.Errorf("got %q %v %v", name, err, mistakes)
	}
	c, _ = load(t, "pop = 'sid'\n"+twoPOPs)
	if name, err := c.ThisPOP(""); name != "" || err != nil {
		t.Errorf("got %q %v, want to go on without a name", name, err)
	}
	c, _ = load(t, "zones = [\n")
	if !slices.Equal([]string{c.Mistakes[0].Cost}, []string{"nothing of it can be used"}) {
		t.Errorf("got %v", c.Mistakes)
	}
}
