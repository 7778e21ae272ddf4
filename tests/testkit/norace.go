//go:build !race

package testkit

// RaceDetector says whether the binary under test is built with the race detector, as the tests are.
const RaceDetector = false
