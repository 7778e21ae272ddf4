//go:build race

package commit

// events are as many as are tried. The race detector sees one goroutine, which does the same in each world: those of one event more would
// take as long again.
const events = 9
