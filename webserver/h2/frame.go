package h2

import "encoding/binary"

// Kinds of frames (RFC 9113, 6).
const (
	frameData = iota
	frameHeaders
	framePriority
	frameReset
	frameSettings
	framePush
	framePing
	frameGoAway
	frameWindow
	frameContinuation
)

// Flags of frames. One bit means another thing in another kind.
const (
	flagEndStream  = 1 << 0
	flagAck        = 1 << 0
	flagEndHeaders = 1 << 2
	flagPadded     = 1 << 3
	flagPriority   = 1 << 5
)

// Settings (RFC 9113, 6.5.2).
const (
	settingTableSize     = 1
	settingPush          = 2
	settingStreams       = 3
	settingInitialWindow = 4
	settingFrameSize     = 5
	settingHeaderList    = 6
)

const (
	preface       = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	headSize      = 9
	frameSize     = 16 << 10 // what everybody has to take (RFC 9113, 4.2), and neither takes nor sends more here
	largestFrame  = 1<<24 - 1
	largestWindow = 1<<31 - 1
	firstWindow   = 1<<16 - 1 // of a connection, and of streams while nothing else is said
)

// fault is the code of an error of the connection (RFC 9113, 5.4.1), which ends it, or of a stream.
type fault uint32

// Codes (RFC 9113, 7).
const (
	noError          fault = 0
	protocolError    fault = 1
	internalError    fault = 2
	flowControlError fault = 3
	streamClosed     fault = 5
	frameSizeError   fault = 6
	refusedStream    fault = 7
	cancelled        fault = 8
	compressionError fault = 9
	enhanceYourCalm  fault = 11
)

func (f fault) Error() string { return "the connection ends with an error of HTTP/2" }

// head is the beginning of a frame (RFC 9113, 4.1).
type head struct {
	length      int
	kind, flags byte
	id          uint32
}

func parseHead(b []byte) head {
	return head{
		length: int(b[0])<<16 | int(b[1])<<8 | int(b[2]),
		kind:   b[3], flags: b[4],
		id: binary.BigEndian.Uint32(b[5:]) & largestWindow, // the highest bit is reserved
	}
}

func (h head) has(flag byte) bool { return h.flags&flag != 0 }

func (h head) appendTo(b []byte) []byte {
	return binary.BigEndian.AppendUint32(append(b, byte(h.length>>16), byte(h.length>>8), byte(h.length), h.kind, h.flags), h.id)
}

func appendWindow(b []byte, id uint32, more int) []byte {
	return binary.BigEndian.AppendUint32(head{4, frameWindow, 0, id}.appendTo(b), uint32(more))
}

func appendReset(b []byte, id uint32, why fault) []byte {
	return binary.BigEndian.AppendUint32(head{4, frameReset, 0, id}.appendTo(b), uint32(why))
}

func appendGoAway(b []byte, last uint32, why fault) []byte {
	b = head{8, frameGoAway, 0, 0}.appendTo(b)
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, last), uint32(why))
}

// setting is one of a SETTINGS frame.
type setting struct {
	id    uint16
	value uint32
}

func appendSettings(b []byte, list ...setting) []byte {
	b = head{6 * len(list), frameSettings, 0, 0}.appendTo(b)
	for _, s := range list {
		b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(b, s.id), s.value)
	}
	return b
}

// cutPadding gives what a frame holds without its padding, in the way that RFC 9113, 6.1 and 6.2 want it.
func cutPadding(h head, payload []byte) (content []byte, ok bool) {
	if !h.has(flagPadded) {
		return payload, true
	}
	if len(payload) == 0 || int(payload[0]) >= len(payload) {
		return nil, false
	}
	return payload[1 : len(payload)-int(payload[0])], true
}
