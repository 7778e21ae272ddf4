package webserver

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/qpack"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/quicvarint"
)

// asking writes the header of a request by itself.
func asking(t *testing.T, lines ...string) []byte {
	t.Helper()
	var block bytes.Buffer
	e := qpack.NewEncoder(&block)
	for _, line := range append([]string{":method: GET", ":scheme: https", ":authority: example.org"}, lines...) {
		colon := strings.Index(line[1:], ": ") + 1
		e.WriteField(qpack.HeaderField{Name: line[:colon], Value: line[colon+2:]})
	}
	return append(quicvarint.Append([]byte{1}, uint64(block.Len())), block.Bytes()...)
}

// answerTo sends a request in pieces, and reads all that comes for it.
func answerTo(t *testing.T, c *quic.Conn, pieces ...[]byte) ([]byte, error) {
	t.Helper()
	stream, err := c.OpenStreamSync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range pieces {
		stream.Write(piece)
	}
	stream.Close()
	stream.SetReadDeadline(time.Now().Add(patience))
	return io.ReadAll(stream)
}
