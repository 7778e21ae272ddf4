//go:build race

package tests

// raceDetector makes the binary under test one with the race detector, like the tests themselves.
const raceDetector = true
