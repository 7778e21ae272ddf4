package system

import "math"

// MemoryBudget is how many connections there is memory for.
type MemoryBudget struct{ Visitors, Origins int }

// What a connection may take, so that the worst that anybody can open leave half of the memory for pages. Measured with some
// thousands of each, garbage included: an upload over HTTP/2, let in or refused, takes 210 KB, half a frame or record over TLS
// 120 KB, a file from disk that nobody takes 80 KB, an application's page that nobody takes 220 KB.
const (
	visitorBytes = 448 << 10
	originBytes  = 512 << 10
)

// ConnectionsIn divides so many bytes of memory; 0: unknown, and no bound.
func ConnectionsIn(memory int64) MemoryBudget {
	if memory <= 0 {
		return MemoryBudget{Visitors: math.MaxInt, Origins: math.MaxInt}
	}
	return MemoryBudget{Visitors: max(int(memory/visitorBytes), 1), Origins: max(int(memory/originBytes), 1)}
}
