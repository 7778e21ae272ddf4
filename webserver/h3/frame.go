package h3

// longestFrame is the longest HEADERS frame that is looked at, in octets. Browsers send some hundred, cookies included; http3 takes
// longer ones, and says when one is too long (431).
const longestFrame = 4 << 10

const (
	dataFrame    = 0x00 // RFC 9114, 7.2.1
	headersFrame = 0x01 // RFC 9114, 7.2.2
)

// peek waits for the HEADERS frame that a stream begins with, and gives what is in it (RFC 9114, 7.1). It gives nil for a stream that
// begins with anything else. It never waits for more than the frame has: who sends less than a frame is http3's.
func (x *Exchange) peek(stream Stream) []byte {
	b := x.frame[:2]
	if n, _ := stream.Peek(b); n < len(b) || b[0] != headersFrame {
		return nil
	}
	if more := sizeMore(b[1]); more > 0 {
		b = x.frame[:2+more]
		if n, _ := stream.Peek(b); n < len(b) {
			return nil
		}
	}
	begin, behind, ok := bounds(b)
	if !ok {
		return nil
	}
	b = x.frame[:behind]
	if n, _ := stream.Peek(b); n < len(b) {
		return nil
	}
	x.size = behind
	return b[begin:]
}

// peekAll is peek for a stream of which it is known how many octets it has; they need one look. False: they are not all there.
func (x *Exchange) peekAll(stream Stream, size int) (block []byte, there bool) {
	b := x.frame[:size]
	if n, _ := stream.Peek(b); n < len(b) {
		return nil, false
	}
	if size < 2 || b[0] != headersFrame {
		return nil, true
	}
	begin, behind, ok := bounds(b)
	if !ok || behind > size {
		return nil, true
	}
	x.size = behind
	return b[begin:behind], true
}

// sizeMore is how many more octets the length of a frame has (RFC 9000, 16: the two highest bits say so).
func sizeMore(first byte) int { return 1<<(first>>6) - 1 }

// bounds are where the content of a HEADERS frame begins and ends; false: it is too long, or b is too short to tell.
func bounds(b []byte) (begin, behind int, ok bool) {
	if begin = 2 + sizeMore(b[1]); begin > len(b) {
		return 0, 0, false
	}
	size := int(b[1] & 0x3f)
	for _, octet := range b[2:begin] {
		if size >= longestFrame {
			return 0, 0, false
		}
		size = size<<8 | int(octet)
	}
	behind = begin + size
	return begin, behind, behind <= longestFrame
}

// appendSize writes a number of up to 62 bits (RFC 9000, 16).
func appendSize(b []byte, n int) []byte {
	switch {
	case n < 1<<6:
		return append(b, byte(n))
	case n < 1<<14:
		return append(b, 0x40|byte(n>>8), byte(n))
	}
	return append(b, 0x80|byte(n>>24), byte(n>>16), byte(n>>8), byte(n)) // bodies are shorter than 1 GB
}
