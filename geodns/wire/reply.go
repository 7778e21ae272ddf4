package wire

import "encoding/binary"

// RCODEs that we give (RFC 1035, 4.1.1; RFC 6891, 9; RFC 2136, 2.2).
const (
	NoError   = 0
	FormErr   = 1
	ServFail  = 2
	NXDomain  = 3
	NotImp    = 4
	Refused   = 5
	YXDomain  = 6
	NotAuth   = 9
	BadVers   = 16
	BadCookie = 23 // RFC 7873, 8
)

// MaxTCP is the most octets of a message over TCP: its length is sent as 16 bits (RFC 1035, 4.2.2).
const MaxTCP = 65535

// MinUDP is what every requestor takes over UDP, with or without EDNS (RFC 1035, 4.2.1; RFC 6891, 6.2.3).
const MinUDP = 512

// Server is what a reply says of the server that gives it.
type Server struct {
	ID      []byte // for NSID
	UDPSize uint16 // the most octets of a UDP reply; at least MinUDP
}

// UDPLimit is the most octets that a UDP reply to q may have.
func (s *Server) UDPLimit(q *Query) int {
	if !q.EDNS {
		return MinUDP
	}
	return min(max(int(q.UDPSize), MinUDP), int(s.UDPSize))
}

// Header is what a reply's header says beyond what it repeats of the query.
type Header struct {
	Rcode                         int // the lower four bits of it; AppendOPT says the others
	Authoritative                 bool
	Truncated                     bool
	Answer, Authority, Additional uint16 // the numbers of records, without the OPT
}

// AppendHead appends the header and the question of a reply to msg: the ID, opcode and RD of the query,
// and the name in the letter case it was asked in. The rest is for SetHeader to fill in.
func AppendHead(reply, msg []byte, q *Query) []byte {
	if q.QuestionEnd == 0 {
		reply = append(reply, msg[:HeaderLen]...)
		binary.BigEndian.PutUint64(reply[len(reply)-8:], 0)
		return reply
	}
	return append(reply, msg[:q.QuestionEnd]...)
}

// SetHeader fills in the header of a reply begun with AppendHead.
func SetHeader(reply []byte, q *Query, h Header) {
	_ = reply[HeaderLen-1]
	flags := reply[2]&0x79 | 0x80 // QR; opcode and RD are the query's. AA and TC follow.
	if h.Authoritative {
		flags |= 0x04
	}
	if h.Truncated {
		flags |= 0x02
	}
	reply[2] = flags
	reply[3] = byte(h.Rcode & 0x0f) // RA, AD and CD are clear (RFC 4035, 3.1.6)
	questions := uint64(1)
	if q.QuestionEnd == 0 {
		questions = 0
	}
	if q.EDNS {
		h.Additional++
	}
	binary.BigEndian.PutUint64(reply[4:], questions<<48|uint64(h.Answer)<<32|uint64(h.Authority)<<16|uint64(h.Additional))
}

// OPTLen is how long the record is that AppendOPT appends.
func (s *Server) OPTLen(q *Query) int {
	if !q.EDNS {
		return 0
	}
	n := 11
	if q.Subnet.Present {
		n += 4 + int(q.Subnet.n)
	}
	if q.NSID {
		n += 4 + len(s.ID)
	}
	if q.Cookie.Present {
		n += 4 + clientCookieLen + serverCookieLen
	}
	return n
}

// ErrorLen is how long the option is that AppendError appends.
const ErrorLen = 6

// SignatureExpired says that signatures have ended that an answer may have (RFC 8914, 4.8).
const SignatureExpired = 7

// AppendError appends an extended error without a text (RFC 8914, 2) to a reply whose OPT record, at opt, is its last.
func AppendError(reply []byte, opt int, code uint16) []byte {
	reply = append(reply, 0, optionError, 0, 2, byte(code>>8), byte(code))
	binary.BigEndian.PutUint16(reply[opt+9:], uint16(len(reply)-opt-11))
	return reply
}

// AppendOPT appends the OPT record of a reply to q, if the query had one: our payload size, the
// upper bits of rcode, DO as it was asked (RFC 3225, 3), and the options that were asked for.
// scope is the SCOPE PREFIX-LENGTH for the client subnet.
func (s *Server) AppendOPT(reply []byte, q *Query, rcode int, scope uint8) []byte {
	if !q.EDNS {
		return reply
	}
	start := len(reply)
	reply = append(reply, 0, 0, TypeOPT, byte(s.UDPSize>>8), byte(s.UDPSize), byte(rcode>>4), 0, 0, 0, 0, 0)
	if q.DO {
		reply[start+7] = 0x80
	}
	if q.Subnet.Present {
		n := q.Subnet.n
		reply = append(reply, 0, optionSubnet, 0, n)
		reply = append(reply, q.Subnet.raw[:n]...)
		reply[start+11+4+3] = scope
	}
	if q.NSID {
		reply = append(reply, 0, optionNSID, byte(len(s.ID)>>8), byte(len(s.ID)))
		reply = append(reply, s.ID...)
	}
	if q.Cookie.Present {
		reply = append(reply, 0, optionCookie, 0, clientCookieLen+serverCookieLen)
		reply = append(reply, q.Cookie.Client()[:]...)
		reply = append(reply, q.Cookie.Reply[:]...)
	}
	binary.BigEndian.PutUint16(reply[start+9:], uint16(len(reply)-start-11))
	return reply
}
