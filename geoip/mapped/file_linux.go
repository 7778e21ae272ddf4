// Package mapped reads files in place, in memory whose pages come and go as they are read.
//
// Who reads a mapped file must be ready for it to be cut short meanwhile: see PanicOnFault.
package mapped

import (
	"errors"
	"os"
	"syscall"
	"unsafe"

	"tinycdn/geoip/plainfile"
)

// File is a file in memory.
type File struct{ Data []byte }

// Open maps the file at path.
func Open(path string) (*File, error) {
	f, info, err := plainfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	switch {
	case info.Size() == 0:
		return &File{}, nil // which cannot be mapped
	case int64(int(info.Size())) != info.Size():
		return nil, errors.New("the file is too large for this machine")
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return &File{data}, nil
}

// Release gives the pages read so far back, so that a walk does not make the whole file resident.
func (f *File) Release() {
	syscall.Madvise(f.Data, syscall.MADV_DONTNEED) // only advice: if it fails, memory is used for longer
}

// Faulted tells from what was recovered of a panic whether it was a fault in this file.
func (f *File) Faulted(recovered any) bool {
	fault, ok := recovered.(interface{ Addr() uintptr })
	first := uintptr(unsafe.Pointer(unsafe.SliceData(f.Data)))
	return ok && first <= fault.Addr() && fault.Addr()-first < uintptr(len(f.Data))
}

// Close unmaps the file: nothing of Data may be read from then on.
func (f *File) Close() {
	if f.Data != nil {
		syscall.Munmap(f.Data)
		f.Data = nil
	}
}
