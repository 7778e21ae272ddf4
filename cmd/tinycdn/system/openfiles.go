package system

import (
	"math"
	"syscall"
)

// FileBudget divides the files that this process may have open: connections are files too. The nameserver has its own share,
// so that a crowd of visitors cannot keep DNS from being answered.
type FileBudget struct{ Files, Queries, Visitors, Origins int }

// QueryBudget leaves all but 256 files, or half of them, to the nameserver's TCP clients: there is nobody else, but zones and
// databases must be loaded.
func QueryBudget(files int) FileBudget {
	return FileBudget{Files: files, Queries: max(files-256, files/2)}
}

// PageBudget leaves a quarter to the nameserver's TCP clients, and as much, but no more than 256, to everything that is
// neither one of them nor a visitor nor an origin. Of the rest, a quarter is for connections to origins. If no site has one,
// and the visitors want it all, they get it: then a reload that brings an origin finds but a few files for it, until a
// restart.
func PageBudget(files, clients int, hasOrigin bool) FileBudget {
	quarter := files / 4
	other := min(quarter, 256)
	rest := files - quarter - other
	b := FileBudget{Files: files, Queries: quarter, Visitors: rest - rest/4, Origins: rest / 4}
	if !hasOrigin && b.Visitors < clients {
		b.Visitors, b.Origins = rest, other/2
	}
	return b
}

// OpenFiles is how many files this process may have open.
func OpenFiles() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > math.MaxInt32 {
		return math.MaxInt32
	}
	return int(limit.Cur)
}
