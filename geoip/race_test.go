//go:build race

package geoip

// fewer is by how much fewer seeds the twins are tried with under the race detector, which watches what each of them does.
const fewer = 4
