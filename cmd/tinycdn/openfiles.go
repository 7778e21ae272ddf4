package main

import (
	"cmp"
	"math"
	"syscall"
)

// shares divide the files that this process may have open: connections are files too. The nameserver has its own share,
// so that a crowd of visitors cannot keep DNS from being answered.
type shares struct{ files, queries, visitors int }

// shareFiles leaves a quarter to the nameserver's TCP clients, and as much, but no more than 256, to everything that is
// neither one of them nor a visitor.
func shareFiles(files int) shares {
	quarter := files / 4
	return shares{files: files, queries: quarter, visitors: files - quarter - min(quarter, 256)}
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
