//go:build race

package testkit

// raceDetector makes the binary under test one with the race detector, like the tests themselves.
const raceDetector = true
