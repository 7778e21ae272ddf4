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
	size, more := int(b[1]&0x3f), 1<<(b[1]>>6)-1 // RFC 9000, 16: the two highest bits say how many octets follow
	if more > 0 {
		b = x.frame[:2+more]
		if n, _ := stream.Peek(b); n < len(b) {
			return nil
		}
		for _, octet := range b[2:] {
			if size >= longestFrame {
				return nil
			}
			size = size<<8 | int(octet)
		}
	}
	begin := len(b)
	if x.size = begin + size; x.size > longestFrame {
		return nil
	}
	b = x.frame[:x.size]
	if n, _ := stream.Peek(b); n < len(b) {
		return nil
	}
	return b[begin:]
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
