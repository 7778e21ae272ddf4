//go:build race

package testkit

// RaceDetector makes the binary under test one with the race detector, like the tests themselves.
const RaceDetector = true
