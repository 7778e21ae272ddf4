package golden

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"tinycdn/zones/diag"

	"github.com/miekg/dns"
)

const (
	// answerTime is how long an answer may take, and tries how often a question is put over UDP, where packets get lost.
	answerTime = 2 * time.Second
	tries      = 3
	// most is how many questions are on the way at a time over UDP: at 100 ms that is 2500 a second. So many small packets fit into
	// the usual buffer of a socket (212,992 octets, in which Linux counts some 770 for each). We begin with one, as TCP does, and have
	// one more on the way for each answer; where packets are lost, the most is half as many.
	most = 256
	// least is what it is never fewer than; over TCP it is always so many, which fit the buffers of any connection.
	least = 32
)

// stream puts many questions to one address over one network, without waiting for each answer. Over UDP it shows a cookie
// (RFC 7873), so that a nameserver knows that we are no stranger's victim, and does not limit us.
type stream struct {
	network string // "udp" or "tcp"
	address netip.AddrPort

	conn   *dns.Conn
	cookie string // in hexadecimal: ours, and the server's behind it once it is known
	id     uint16
	window int // how many may be on the way now,
	limit  int // and how many it may become
	flying map[uint16]*asked
	order  []*asked // by when they were sent
	got    func(i int, reply *dns.Msg, err error)

	heard    time.Time // the last answer; zero: there was none
	progress bool      // one came over this connection
	barren   int       // so many connections in a row brought none
	unhook   func() bool
}

// asked is a question on the way.
type asked struct {
	Question
	number int
	id     uint16
	sent   time.Time
	times  int
	done   bool
}

func newStream(network string, address netip.AddrPort) *stream {
	var secret [10]byte
	rand.Read(secret[:]) // never fails
	limit := most
	if network == "tcp" {
		limit = least
	}
	return &stream{network: network, address: address, cookie: hex.EncodeToString(secret[:8]), id: uint16(secret[8])<<8 | uint16(secret[9]), window: 1, limit: limit}
}

// ask puts n questions, and gives each reply, or why there is none, to got. It ends early with an error if nobody answers there.
func (s *stream) ask(ctx context.Context, n int, question func(i int) Question, got func(i int, reply *dns.Msg, err error)) error {
	s.flying, s.got = map[uint16]*asked{}, got
	defer s.close()
	for next := 0; next < n || len(s.flying) > 0; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if s.conn == nil {
			if err := s.connect(ctx); err != nil {
				return err
			}
		}
		for next < n && len(s.flying) < s.window {
			s.send(&asked{Question: question(next), number: next})
			next++
		}
		if err := s.receive(); err != nil {
			return err
		}
	}
	return nil
}

func (s *stream) connect(ctx context.Context) error {
	dialer := net.Dialer{Timeout: answerTime}
	conn, err := dialer.DialContext(ctx, s.network, s.address.String())
	if err != nil {
		return silence(err)
	}
	s.conn, s.progress = &dns.Conn{Conn: conn, UDPSize: 4096}, false // we take 1232, but see what is longer
	s.unhook = context.AfterFunc(ctx, func() { conn.Close() })
	again := s.order
	s.order = nil
	for _, q := range again {
		if !q.done {
			s.send(q)
		}
	}
	return nil
}

func (s *stream) close() {
	if s.conn != nil {
		s.unhook()
		s.conn.Close()
		s.conn = nil
	}
}

// send puts a question once more, or for the first time. What goes wrong with that, receive is told.
func (s *stream) send(q *asked) {
	if q.times == 0 {
		for s.id++; s.flying[s.id] != nil; s.id++ {
		}
		q.id = s.id
		s.flying[q.id] = q
	}
	q.times++
	q.sent = time.Now()
	s.order = append(s.order, q)
	s.conn.SetWriteDeadline(q.sent.Add(answerTime))
	s.conn.WriteMsg(s.message(q))
}

// message is the question as dig puts it: so a line of dig gets the same.
func (s *stream) message(q *asked) *dns.Msg {
	m := &dns.Msg{Question: []dns.Question{{Name: q.Name, Qtype: q.Type, Qclass: q.Class}}}
	m.Id, m.RecursionDesired = q.id, true
	m.SetEdns0(1232, false)
	opt := m.IsEdns0()
	if q.From.IsValid() {
		opt.Option = append(opt.Option, subnetOption(q.From))
	}
	if s.network == "udp" {
		opt.Option = append(opt.Option, &dns.EDNS0_COOKIE{Code: dns.EDNS0COOKIE, Cookie: s.cookie})
	}
	return m
}

// subnetOption is the client subnet in as many octets as its bits need (RFC 7871, 6).
func subnetOption(p netip.Prefix) *dns.EDNS0_LOCAL {
	family := byte(1)
	if p.Addr().Is6() {
		family = 2
	}
	data := append([]byte{0, family, byte(p.Bits()), 0}, p.Masked().Addr().AsSlice()[:(p.Bits()+7)/8]...)
	return &dns.EDNS0_LOCAL{Code: dns.EDNS0SUBNET, Data: data}
}

// receive takes one message, or waits until the oldest question is late.
func (s *stream) receive() error {
	for len(s.order) > 0 && s.order[0].done {
		s.order = s.order[1:]
	}
	if len(s.order) > 0 {
		s.conn.SetReadDeadline(s.order[0].sent.Add(answerTime))
	}
	packet, err := s.conn.ReadMsgHeader(nil)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && s.network == "udp":
		return s.expire()
	case errors.Is(err, dns.ErrShortRead) && s.network == "udp":
		return nil
	case err != nil:
		return s.broken(err)
	}
	q := s.flying[uint16(packet[0])<<8|uint16(packet[1])]
	if q == nil {
		return nil
	}
	reply := new(dns.Msg)
	if err := reply.Unpack(packet); err != nil {
		s.finish(q, nil, fmt.Errorf("nonsense: %w", err))
		return nil
	}
	if !answers(reply, q) {
		return nil // an answer to something else, or somebody's who guesses
	}
	s.heard, s.progress, s.barren = time.Now(), true, 0
	s.learn(reply)
	if reply.Rcode == dns.RcodeBadCookie && s.network == "udp" && q.times < tries {
		s.again(q)
		return nil
	}
	s.finish(q, reply, nil)
	return nil
}

// again puts a question that is on the way once more.
func (s *stream) again(q *asked) {
	for i, other := range s.order {
		if other == q {
			s.order = append(s.order[:i:i], s.order[i+1:]...)
			break
		}
	}
	s.send(q)
}

func (s *stream) finish(q *asked, reply *dns.Msg, err error) {
	q.done = true
	delete(s.flying, q.id)
	s.got(q.number, reply, err)
}

// learn takes the server's cookie, and opens the window by one.
func (s *stream) learn(reply *dns.Msg) {
	s.window = min(s.window+1, s.limit)
	if opt := reply.IsEdns0(); opt != nil {
		for _, option := range opt.Option {
			if c, ok := option.(*dns.EDNS0_COOKIE); ok && strings.HasPrefix(c.Cookie, s.cookie[:16]) {
				s.cookie = c.Cookie
			}
		}
	}
}

// expire puts questions again that are late over UDP. If one is given up while nothing at all is heard, nobody is there.
func (s *stream) expire() error {
	now := time.Now()
	s.limit = max(s.limit/2, least)
	s.window = min(s.window, s.limit)
	for len(s.order) > 0 && (s.order[0].done || now.Sub(s.order[0].sent) >= answerTime) {
		q := s.order[0]
		s.order = s.order[1:]
		switch {
		case q.done:
		case q.times < tries:
			s.send(q)
		case s.heard.IsZero() || len(s.flying) > 1 && s.heard.Before(q.sent):
			return errSilent
		default:
			s.finish(q, nil, errSilent)
		}
	}
	return nil
}

// errSilent is that no answer came.
var errSilent = errors.New("no answer")

// broken ends a connection. Over TCP there are others: a server may close one at any time. The oldest question is given up once three
// in a row have brought nothing; if then three more do, nobody is there.
func (s *stream) broken(err error) error {
	s.close()
	if errors.Is(err, io.EOF) {
		err = errors.New("the connection was closed")
	}
	if !s.progress {
		s.barren++
	}
	switch {
	case s.network == "udp", s.heard.IsZero(), s.barren == 2*tries:
		return silence(err)
	case s.barren == tries:
		s.finish(s.order[0], nil, silence(err))
	}
	return nil
}

func silence(err error) error {
	text := diag.Network(err)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSilent
	case text == "no answer":
		return errSilent
	}
	return errors.New(text)
}

// answers says whether a reply is one to a question.
func answers(reply *dns.Msg, q *asked) bool {
	if !reply.Response || len(reply.Question) > 1 {
		return false
	}
	if len(reply.Question) == 0 {
		return reply.Rcode != dns.RcodeSuccess // FORMERR may come so
	}
	is := reply.Question[0]
	return strings.EqualFold(is.Name, q.Name) && is.Qtype == q.Type && is.Qclass == q.Class
}
