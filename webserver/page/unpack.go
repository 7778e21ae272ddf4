package page

import (
	"bufio"
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	brotli "github.com/molecule-man/go-brrr"
)

// CodingOf is the coding that the end of a file's name stands for: ".gz", ".br", ".zst".
func CodingOf(extension string) (Coding, bool) {
	switch extension {
	case ".gz":
		return Gzip, true
	case ".br":
		return Brotli, true
	case ".zst":
		return Zstd, true
	}
	return Identity, false
}

// Holds says whether packed decodes to body and to nothing more. It never holds more of it in memory than a window.
func Holds(c Coding, packed, body []byte) bool {
	var content io.Reader
	switch c {
	case Gzip:
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return false
		}
		content = r
	case Brotli:
		content = brotli.NewReader(bytes.NewReader(packed))
	case Zstd:
		r, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(8<<20))
		if err != nil {
			return false
		}
		defer r.Close()
		content = r
	default:
		return false
	}
	in := bufio.NewReader(content)
	buffer := make([]byte, 4096)
	for {
		n, err := in.Read(buffer)
		if n > len(body) || !bytes.Equal(buffer[:n], body[:n]) {
			return false
		}
		body = body[n:]
		if err != nil {
			return err == io.EOF && len(body) == 0
		}
	}
}
