package h2

import (
	"bytes"
	"strings"

	"golang.org/x/net/http2/hpack"

	"tinycdn/webserver/page"
)

// pack writes fields for HTTP/2 (RFC 7541) without state: nothing of it depends on what a connection has seen, or changes that, so that one
// block serves all. What HTTP/2 has no use for is left out (RFC 9113, 8.2.2).
func pack(fields []page.FieldValues) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	e.SetMaxDynamicTableSize(0)
	e.WriteField(hpack.HeaderField{Name: ":status", Value: "200"}) // with it goes the word that the table is empty, which others say
	b.Reset()
	for _, f := range fields {
		name := strings.ToLower(f.Name)
		switch name {
		case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade":
			continue
		}
		for _, value := range f.Values {
			e.WriteField(hpack.HeaderField{Name: name, Value: value})
		}
	}
	return bytes.Clone(b.Bytes())
}

// statusBlock is :status in a block. The usual ones are in the static table (RFC 7541, appendix A).
func statusBlock(status int, room *[5]byte) []byte {
	const nameAlone, first = 8, 0x80
	for i, known := range [...]int{200, 204, 206, 304, 400, 404, 500} {
		if status == known {
			room[0] = first | byte(nameAlone+i)
			return room[:1]
		}
	}
	*room = [5]byte{nameAlone, 3, '0' + byte(status/100%10), '0' + byte(status/10%10), '0' + byte(status%10)}
	return room[:]
}

// appendPlain writes a field as net/http's decoder takes it, without any coding.
func appendPlain(b []byte, name, value string) []byte {
	b = append(b, 0)
	b = append(appendLength(b, len(name)), name...)
	return append(appendLength(b, len(value)), value...)
}

// appendLength writes the length of a text that is not Huffman coded (RFC 7541, 5.1 and 5.2).
func appendLength(b []byte, n int) []byte {
	const most = 1<<7 - 1
	if n < most {
		return append(b, byte(n))
	}
	b = append(b, most)
	for n -= most; n >= 1<<7; n >>= 7 {
		b = append(b, byte(n)|1<<7)
	}
	return append(b, byte(n))
}
