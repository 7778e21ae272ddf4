package h3

const (
	// onePacket is what fits into one in any case, with its header: RFC 9000, 14 wants 1200 octets to pass. QUIC keeps so much, and a client
	// cannot have us wait.
	onePacket = 1100
	// longestCopied is the longest body that is copied behind its head, in octets, and mostCopied is how many such copies there are at a
	// time, 4 MB in all: whoever reads slowly holds one for as long.
	longestCopied, mostCopied = 16 << 10, 256
)

// send sends head and body, and ends the stream: in one piece if that is allowed, which saves a packet, and a system call. Else the head
// waits in the stream for what follows, and the body is not copied, for a client that reads slowly would have us hold it twice.
func (s *Server) send(x *Exchange, stream Stream) bool {
	r := &x.reply
	body, before := r.Body, len(x.head)
	if before+len(body) > onePacket {
		stream.SetWriteDeadline(r.Begin.Add(s.config.WriteTime(len(body))))
	}
	if before+len(body) <= onePacket || len(body) <= longestCopied && s.copied.Load() < mostCopied {
		s.copied.Add(1) // by how many that may be too much is the number of cores
		defer s.copied.Add(-1)
		x.head, body = append(x.head, body...), nil
	}
	n, err := stream.Write(x.head)
	r.Sent = int64(max(n-before, 0))
	if err == nil && len(body) > 0 {
		n, err = stream.Write(body)
		r.Sent = int64(n)
	}
	return err == nil && stream.Close() == nil
}
