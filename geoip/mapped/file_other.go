//go:build !linux

// Package mapped reads files in place; on this system it reads them whole.
package mapped

import "tinycdn/geoip/plainfile"

// File is a file in memory.
type File struct{ Data []byte }

// most is far more than the largest database has.
const most = 4 << 30

// Open reads the file at path.
func Open(path string) (*File, error) {
	data, _, err := plainfile.Read(path, most)
	if err != nil {
		return nil, err
	}
	return &File{data}, nil
}

// Reading and Release do nothing: the memory is the file's only copy here.
func (f *File) Reading(offset int) {}

func (f *File) Release() {}

// Faulted tells whether a panic was a fault in the mapping, and here there is none.
func (f *File) Faulted(recovered any) bool { return false }

// Close lets go of the memory.
func (f *File) Close() { f.Data = nil }
