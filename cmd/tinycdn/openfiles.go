package main

import (
	"cmp"
	"math"
	"slices"
	"syscall"
)

// shares divide the files that this process may have open: connections are files too. The nameserver has its own share,
// so that a crowd of visitors cannot keep DNS from being answered.
type shares struct{ files, queries, visitors, origins int }

// shareFiles leaves a quarter to the nameserver's TCP clients, and as much, but no more than 256, to everything that is
// neither one of them nor a visitor nor an origin. Of the rest, a quarter is for connections to origins. If no site has one,
// and the visitors want it all, they get it: then a reload that brings an origin finds but a few files for it, until a
// restart.
func shareFiles(files, clients int, hasOrigin bool) shares {
	quarter := files / 4
	other := min(quarter, 256)
	rest := files - quarter - other
	s := shares{files: files, queries: quarter, visitors: rest - rest/4, origins: rest / 4}
	if !hasOrigin && s.visitors < cmp.Or(clients, defaultClients) {
		s.visitors, s.origins = rest, other/2
	}
	return s
}

// shares are those of this process, as the configuration was when it started.
func (p *pop) shares() shares {
	hasOrigin := slices.ContainsFunc(p.started.Sites, func(c SiteConfig) bool { return c.Origin != "" })
	return shareFiles(openFiles(), p.started.Web.Clients, hasOrigin)
}

// openFiles is how many files this process may have open.
func openFiles() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > math.MaxInt32 {
		return math.MaxInt32
	}
	return int(limit.Cur)
}

// defaultClients is how many connections there may be where the configuration says nothing, of visitors and for queries.
const defaultClients = 10_000

// within is the number of connections that were configured, or what their share of the files allows.
func within(clients, share int) int { return min(cmp.Or(clients, defaultClients), share) }
