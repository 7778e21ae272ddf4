package geoip

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

// mapping is a file in memory whose pages come and go as they are read.
type mapping struct{ data []byte }

func openMapping(path string) (*mapping, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Size() == 0:
		return &mapping{}, nil // which cannot be mapped
	case int64(int(info.Size())) != info.Size():
		return nil, errors.New("the file is too large for this machine")
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return &mapping{data}, nil
}

// release gives the pages read so far back, so that a walk does not make the whole file resident.
func (m *mapping) release() {
	syscall.Madvise(m.data, syscall.MADV_DONTNEED) // only advice: if it fails, memory is used for longer
}

// holds reports whether an address of this process is in the mapping.
func (m *mapping) holds(address uintptr) bool {
	first := uintptr(unsafe.Pointer(unsafe.SliceData(m.data)))
	return first <= address && address-first < uintptr(len(m.data))
}

func (m *mapping) close() {
	if m.data != nil {
		syscall.Munmap(m.data)
		m.data = nil
	}
}
