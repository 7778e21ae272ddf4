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

// File is a file in memory. It is for one goroutine at a time.
type File struct {
	Data []byte

	skew     int      // from the beginning of the first part to Data
	part     int      // that is being read
	resident []uint64 // by part, a bit: it was read since the last Release
	parts    int      // how many were
}

// A part is what a read brings along: the kernel maps 16 pages at a time, those between two multiples of that in memory. So many of them
// may be resident before all are given back: each time they are, those that are read again have to be mapped again, and that takes longer
// than reading them. With half as many it happens six times as often to a City database. To give them back one by one, those that were
// not read for the longest time first, maps half as many again but asks the kernel sixty times as often, which costs more.
const (
	partBits  = 16
	mostParts = 16 << 20 >> partBits
)

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
	skew := int(uintptr(unsafe.Pointer(unsafe.SliceData(data))) & (1<<partBits - 1))
	return &File{Data: data, skew: skew, part: -1, resident: make([]uint64, (len(data)+skew)>>partBits/64+1)}, nil
}

// Reading says that an octet is about to be read, and those behind it. Whoever reads all of a file says so often, and not much of it
// is resident at a time.
func (f *File) Reading(offset int) {
	if part := (offset + f.skew) >> partBits; part != f.part {
		f.enter(part)
	}
}

func (f *File) enter(part int) {
	f.part = part
	bit := uint64(1) << (part % 64)
	if f.resident[part/64]&bit != 0 {
		return
	}
	if f.parts == mostParts {
		f.Release()
	}
	f.resident[part/64] |= bit
	f.parts++
}

// Release gives the pages read so far back.
func (f *File) Release() {
	clear(f.resident)
	f.parts = 0
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
