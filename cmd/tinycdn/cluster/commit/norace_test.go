//go:build !race

package commit

// events are as many as are tried.
const events = 10
