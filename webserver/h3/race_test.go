//go:build race

package h3

// raced is whether the race detector watches, under which pools lose what they are given, at random.
const raced = true
