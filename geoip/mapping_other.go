//go:build !linux

package geoip

import "os"

// mapping is a file in memory.
type mapping struct{ data []byte }

func openMapping(path string) (*mapping, error) {
	data, err := os.ReadFile(path)
	return &mapping{data}, err
}

func (m *mapping) release() {}

func (m *mapping) holds(address uintptr) bool { return false }

func (m *mapping) close() { m.data = nil }
