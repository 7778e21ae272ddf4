package channel

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// Contents travel one after another in one stream, each in frames:
//
//	hash of the content   32 octets
//	size of it             8
//	where this begins      8
//	coding                 1   0: as it is, 1: zstd (RFC 8878)
//	length of what follows 4   at most 1 MB and a bit
const headerSize = 32 + 8 + 8 + 1 + 4

// chunk is how much of a content a frame has at most. A cut costs no more than one.
const chunk = 1 << 20

const (
	asIs  = 0
	zstd1 = 1
)

// FrameWriter writes contents.
type FrameWriter struct {
	w      *bufio.Writer
	plain  []byte
	packed []byte
}

// Encoders and decoders have tables of some hundred KB, and a POP that takes from one and gives to two has several.
var (
	encoders = sync.Pool{New: func() any {
		encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(chunk), zstd.WithLowerEncoderMem(true))
		if err != nil {
			panic("channel: " + err.Error()) // the options are constants
		}
		return encoder
	}}
	decoders = sync.Pool{New: func() any {
		decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(chunk), zstd.WithDecoderMaxWindow(chunk), zstd.WithDecoderLowmem(true))
		if err != nil {
			panic("channel: " + err.Error()) // the options are constants
		}
		return decoder
	}}
)

// NewFrameWriter writes to w; Flush ends it.
func NewFrameWriter(w io.Writer) *FrameWriter {
	return &FrameWriter{w: bufio.NewWriterSize(w, 64<<10), plain: make([]byte, chunk)}
}

// WriteContent sends what is left of a content from an offset on.
func (f *FrameWriter) WriteContent(hash manifest.Hash, size, from int64, rest io.Reader) error {
	if from < 0 || from > size {
		return fmt.Errorf("of %v there are %d octets: none of them is the %dth", hash, size, from)
	}
	encoder := encoders.Get().(*zstd.Encoder)
	defer encoders.Put(encoder)
	pack := true
	for first := true; first || from < size; first = false { // of an empty one there is a frame too
		n, err := io.ReadFull(rest, f.plain[:min(chunk, size-from)])
		if err != nil {
			return fmt.Errorf("of %v there are %d octets, not %d: %w", hash, from+int64(n), size, err)
		}
		data, coding := f.plain[:n], byte(asIs)
		if pack {
			f.packed = encoder.EncodeAll(data, f.packed[:0])
			if len(f.packed) < n-n/16 {
				data, coding = f.packed, zstd1
			} else {
				pack = false // nor will what comes
			}
		}
		header := append(make([]byte, 0, headerSize), hash[:]...)
		header = binary.BigEndian.AppendUint64(header, uint64(size))
		header = binary.BigEndian.AppendUint64(header, uint64(from))
		header = binary.BigEndian.AppendUint32(append(header, coding), uint32(len(data)))
		f.w.Write(header)
		if _, err := f.w.Write(data); err != nil {
			return err
		}
		from += int64(n)
	}
	return nil
}

// Flush sends what is still here.
func (f *FrameWriter) Flush() error { return f.w.Flush() }

// FrameReader reads contents.
type FrameReader struct {
	r       *bufio.Reader
	decoder *zstd.Decoder
	coded   []byte // the frame as it came
	plain   []byte // and unpacked
	data    []byte // what of it has not been read

	hash       manifest.Hash
	size, from int64 // of the content, and where the next frame of it begins
	err        error // after which nothing comes any more
}

// NewFrameReader reads what a FrameWriter wrote.
func NewFrameReader(r io.Reader) *FrameReader {
	return &FrameReader{r: bufio.NewReaderSize(r, 64<<10), decoder: decoders.Get().(*zstd.Decoder)}
}

// Close gives memory back. Nothing is read afterwards.
func (f *FrameReader) Close() {
	if f.decoder != nil {
		decoders.Put(f.decoder)
	}
	f.decoder, f.err = nil, io.ErrClosedPipe
}

var errFrame = errors.New("this is no frame of a content")

// Next gives the next content: what it is, where what comes of it begins, and that as a reader, which is to be read to its end.
// The end of the stream is io.EOF.
func (f *FrameReader) Next() (hash manifest.Hash, size, from int64, rest io.Reader, err error) {
	if f.err == nil && (len(f.data) > 0 || f.from < f.size) {
		f.err = errFrame // the last one was not read to its end
	}
	begin, err := f.next()
	if err != nil {
		return hash, 0, 0, nil, err
	}
	return f.hash, f.size, begin, content{f}, nil
}

// next reads a frame.
func (f *FrameReader) next() (begin int64, err error) {
	if f.err == nil {
		begin, f.err = f.read()
	}
	return begin, f.err
}

func (f *FrameReader) read() (begin int64, err error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(f.r, header[:]); err != nil {
		return 0, err
	}
	f.hash = manifest.Hash(header[:32])
	size, from := binary.BigEndian.Uint64(header[32:]), binary.BigEndian.Uint64(header[40:])
	coding, length := header[48], binary.BigEndian.Uint32(header[49:])
	if size > 1<<62 || from > size || length > chunk+chunk/8 || coding > zstd1 {
		return 0, errFrame
	}
	f.size, f.from = int64(size), int64(from)
	f.coded = slices.Grow(f.coded[:0], int(length))[:length]
	if _, err := io.ReadFull(f.r, f.coded); err != nil {
		return 0, noEOF(err)
	}
	f.data = f.coded
	if coding == zstd1 {
		if f.plain, err = f.decoder.DecodeAll(f.coded, f.plain[:0]); err != nil {
			return 0, errFrame
		}
		f.data = f.plain
	}
	if n := int64(len(f.data)); n > chunk || n > f.size-f.from || n == 0 && f.from < f.size {
		return 0, errFrame
	}
	begin = f.from
	f.from += int64(len(f.data))
	return begin, nil
}

// content is what is left of one, across its frames.
type content struct{ *FrameReader }

func (c content) Read(b []byte) (int, error) {
	if len(c.data) == 0 {
		if c.from == c.size {
			return 0, io.EOF
		}
		hash, size, from := c.hash, c.size, c.from
		begin, err := c.next()
		if err != nil {
			return 0, noEOF(err)
		}
		if c.hash != hash || c.size != size || begin != from {
			c.err = errFrame
			return 0, c.err
		}
	}
	n := copy(b, c.data)
	c.data = c.data[n:]
	return n, nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
