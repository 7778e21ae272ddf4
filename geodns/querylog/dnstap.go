package querylog

import (
	"encoding/binary"
	"net/netip"
)

// contentType is what frames of dnstap hold: a message Dnstap of dnstap.proto.
const contentType = "protobuf:dnstap.Dnstap"

// Numbers of dnstap.proto.
const (
	authQuery    = 1 // enum Message.Type: what an authoritative server was asked
	authResponse = 2

	inet, inet6 = 1, 2 // enum SocketFamily
	udp, tcp    = 1, 2 // enum SocketProtocol
)

// appendFrames appends a query as a frame, and its answer, if there is one, as another. The messages are made in scratch, which is
// returned to be used again.
func appendFrames(frames, scratch []byte, r *record, c *Config) (_, _ []byte) {
	scratch = appendMessage(scratch[:0], authQuery, r)
	frames = appendFrame(frames, scratch, c)
	if len(r.reply) > 0 {
		scratch = appendMessage(scratch[:0], authResponse, r)
		frames = appendFrame(frames, scratch, c)
	}
	return frames, scratch
}

// appendFrame appends a Dnstap that holds a message, with its length before it (Frame Streams).
func appendFrame(frames, message []byte, c *Config) []byte {
	start := len(frames)
	frames = append(frames, 0, 0, 0, 0)
	if c.Identity != "" {
		frames = appendField(frames, 1, c.Identity)
	}
	if c.Version != "" {
		frames = appendField(frames, 2, c.Version)
	}
	frames = appendField(frames, 14, message)
	frames = appendNumber(frames, 15, 1) // enum Dnstap.Type: MESSAGE
	binary.BigEndian.PutUint32(frames[start:], uint32(len(frames)-start-4))
	return frames
}

// appendMessage appends a Message. An answer has the time of its query, too, but not the query.
func appendMessage(m []byte, kind uint64, r *record) []byte {
	m = appendNumber(m, 1, kind)
	if r.client.Addr().Is4() {
		m = appendNumber(m, 2, inet)
	} else {
		m = appendNumber(m, 2, inet6)
	}
	if r.to&overTCP != 0 {
		m = appendNumber(m, 3, tcp)
	} else {
		m = appendNumber(m, 3, udp)
	}
	m = appendAddress(m, 4, r.client.Addr())
	if !r.local.Addr().IsUnspecified() { // of a socket for all addresses it is not known which was asked
		m = appendAddress(m, 5, r.local.Addr())
	}
	m = appendNumber(m, 6, uint64(r.client.Port()))
	m = appendNumber(m, 7, uint64(r.local.Port()))
	m = appendNumber(m, 8, uint64(r.begin/1e9))
	m = appendFixed32(m, 9, uint32(r.begin%1e9))
	if kind == authQuery {
		return appendField(m, 10, r.query)
	}
	m = appendNumber(m, 12, uint64(r.sent/1e9))
	m = appendFixed32(m, 13, uint32(r.sent%1e9))
	return appendField(m, 14, r.reply)
}

// Wire types of protobuf.
const (
	varint  = 0
	octets  = 2
	fixed32 = 5
)

func appendNumber(b []byte, field, n uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, field<<3|varint), n)
}

func appendFixed32(b []byte, field uint64, n uint32) []byte {
	return binary.LittleEndian.AppendUint32(binary.AppendUvarint(b, field<<3|fixed32), n)
}

func appendField[T string | []byte](b []byte, field uint64, data T) []byte {
	b = binary.AppendUvarint(b, field<<3|octets)
	b = binary.AppendUvarint(b, uint64(len(data)))
	return append(b, data...)
}

func appendAddress(b []byte, field uint64, addr netip.Addr) []byte {
	if addr.Is4() {
		a := addr.As4()
		return appendField(b, field, a[:])
	}
	a := addr.As16()
	return appendField(b, field, a[:])
}
