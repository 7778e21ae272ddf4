package upload

import "sync"

// sizes are those of what is kept. It begins small and grows: who sends an octet holds a kilobyte.
var sizes = [...]int{1 << 10, 4 << 10, 16 << 10, KeptBytes}

// pools are for buffers that are used again, one for each size.
type pools [len(sizes)]sync.Pool

var buffers pools

// sizeAbove is the next size.
func sizeAbove(size int) int {
	for _, larger := range sizes {
		if larger > size {
			return larger
		}
	}
	return KeptBytes
}

// get gives an empty buffer of a size.
func (p *pools) get(size int) []byte {
	for i := range sizes {
		if sizes[i] == size {
			if used, ok := p[i].Get().(*[]byte); ok {
				return *used
			}
		}
	}
	return make([]byte, 0, size)
}

// put takes a buffer back.
func (p *pools) put(buffer []byte) {
	for i := range sizes {
		if sizes[i] == cap(buffer) {
			empty := buffer[:0]
			p[i].Put(&empty)
		}
	}
}
