package config

import (
	"path/filepath"

	"tinycdn/webserver/files"
	"tinycdn/webserver/origin"
	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// Source is where pages come from: one of three places.
type Source struct {
	// a folder of Markdown, shown with tinycdn's templates. Left out: one of the three
	Pages string `toml:"pages"`
	// a folder with a finished site, such as Zola's or Hugo's `public`. Left out: one of the three
	Root string `toml:"root"`
	// with a `root`: folders without an `index.html` have a page that lists what is in them. Left out: `false`
	Index bool `toml:"index"`
	// the URL of an application, or the unix socket that it listens on, `"unix:/run/app.sock"`. Left out: one of the three
	Origin string `toml:"origin"`
	// the host that the application is asked for. Left out: the visitor's
	OriginHost string `toml:"origin_host"`
	// memory of this site, all its paths together. Left out: an equal share
	CacheBytes ByteSize `toml:"cache_bytes"`
	// by path: `"/assets/*"`, `"*.pdf"`, `"/feed.xml"`. Left out: see [webserver/README.md](../../webserver/README.md#pages)
	Rules []page.Rule `toml:"cache_control"`
	// media types of files by path, like `cache_control`: `"*.pem" = "text/plain; charset=utf-8"`. Left out: by the end of the name
	Types []files.TypeRule `toml:"types"`
}

// count is how many places there are.
func (s *Source) count() (n int) {
	for _, place := range []string{s.Pages, s.Root, s.Origin} {
		if place != "" {
			n++
		}
	}
	return n
}

// readSource resolves the paths of a source, and checks what does not depend on where it stands.
func (c *checker) readSource(s *Source, keys []string) {
	report := c.below(keys...)
	s.Pages = c.siteFolder(s.Pages, append(keys[:len(keys):len(keys)], "pages"))
	s.Root = c.siteFolder(s.Root, append(keys[:len(keys):len(keys)], "root"))
	s.OriginHost = siteHost(diag.At("origin_host"), s.OriginHost, report)
	for _, rule := range s.Rules {
		rule.Check(report.Below("cache_control"))
	}
	for _, rule := range s.Types {
		rule.Check(report.Below("types"))
	}
	if s.Index && s.Root == "" && s.count() < 2 {
		report(diag.At("index"), "it is for a site with a root")
	}
	switch {
	case s.Origin == "" && s.OriginHost != "" && s.count() < 2:
		report(diag.At("origin_host"), "it is for a site with an origin")
	case s.Origin != "" && s.count() == 1:
		c.readOrigin(&s.Origin, report)
	}
}

// siteFolder gives the path of a folder of a site, and watches what it stands in: another may take its place.
func (c *checker) siteFolder(folder string, keys []string) string {
	if folder == "" {
		return ""
	}
	folder = c.config.resolve(folder)
	c.config.look(folder) // as a link it may lead elsewhere
	c.checkSecrets(keys, folder)
	c.watch(filepath.Dir(folder))
	return folder
}

// wantOne wants just one place for the pages to come from.
func (s *Source) wantOne(report diag.Report) {
	if n := s.count(); n != 1 {
		report(nil, "want one of pages, root and origin, not %d", n)
	}
}

// noRules wants no rules for what an application says for itself.
func (s *Source) noRules(report diag.Report) {
	if len(s.Rules) > 0 {
		report(diag.At("cache_control"), "the application says for itself how long its responses may be kept")
	}
	if len(s.Types) > 0 {
		report(diag.At("types"), "the application says for itself of what type its responses are")
	}
}

// readOrigin resolves the path of a unix socket. It need not be there: an application that is down is no mistake.
func (c *checker) readOrigin(place *string, report diag.Report) {
	_, socket, err := origin.Parse(*place)
	if err != nil {
		report(diag.At("origin"), "%s", err)
	} else if socket != "" {
		socket = c.config.resolve(socket)
		*place = "unix:" + socket
		if len(socket) > origin.LongestSocket {
			report(diag.At("origin"), "%s has %d bytes; the path of a unix socket may have %d", socket, len(socket), origin.LongestSocket)
		}
	}
}
