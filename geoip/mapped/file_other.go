//go:build !linux

// Package mapped reads files in place; on this system it reads them whole.
package mapped

import "os"

// File is a file in memory.
type File struct{ Data []byte }

// Open reads the file at path.
func Open(path string) (*File, error) {
	data, err := os.ReadFile(path)
	return &File{data}, err
}

// Release does nothing: the memory is the file's only copy here.
func (f *File) Release() {}

// Faulted tells whether a panic was a fault in the mapping, and here there is none.
func (f *File) Faulted(recovered any) bool { return false }

// Close lets go of the memory.
func (f *File) Close() { f.Data = nil }
