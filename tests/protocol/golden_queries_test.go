package protocol

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// manner is how a question is asked.
type manner struct {
	name     string
	flags    uint16
	class    uint16 // 0: IN
	capitals bool
	opt      []byte // the OPT record; nil: none
}

const (
	flagRD, flagAD, flagCD = 0x0100, 0x0020, 0x0010
	flagDO                 = 0x8000
)

// usualManners are those in which every question is asked.
var usualManners = []manner{
	{name: "plain"},
	{name: "do", opt: opt(1232, flagDO)},
	{name: "london", opt: opt(1232, 0, option(8, []byte{0, 1, 24, 0, 81, 2, 69}))},
	{name: "sydney6", opt: opt(4096, 0, option(8, []byte{0, 2, 48, 0, 0x20, 1, 0x0d, 0xb8, 0, 0x0a}))},
	{name: "512 nsid", opt: opt(512, 0, option(3, nil))},
	{name: "capitals rd", capitals: true, flags: flagRD},
}

// unusualManners are for some questions only.
var unusualManners = []manner{
	{name: "edns", opt: opt(1232, 0)},
	{name: "size 0", opt: opt(0, 0)},
	{name: "size 4096", opt: opt(4096, 0)},
	{name: "size 65535", opt: opt(65535, flagDO)},
	{name: "version 1", opt: opt(1232, 1<<16)},
	{name: "version 255", opt: opt(512, 255<<16, option(8, []byte{0, 1, 24, 0, 81, 2, 69}))},
	{name: "extended", opt: opt(1232, 0xff<<24)},
	{name: "flags", opt: opt(1232, 0x7fff)},
	{name: "ad cd rd", flags: flagRD | flagAD | flagCD},
	{name: "aa ra z", flags: 0x0400 | 0x0080 | 0x0040},
	{name: "rcode", flags: 5},
	{name: "CH", class: 3},
	{name: "HS", class: 4},
	{name: "class ANY", class: 255},
	{name: "class NONE", class: 254},
	{name: "cookie", opt: opt(1232, 0, option(10, []byte("clientid")))},
	{name: "bad cookie", opt: opt(1232, 0, option(10, []byte("short")))},
	{name: "padding", opt: opt(1232, 0, option(12, make([]byte, 40)))},
	{name: "keepalive", opt: opt(1232, 0, option(11, nil))},
	{name: "unknown", opt: opt(1232, 0, option(65001, []byte{0xab, 0xcd}))},
	{name: "nsid+ecs", opt: opt(1232, flagDO, option(3, nil), option(8, []byte{0, 1, 24, 0, 81, 2, 69}), option(10, []byte("clientid")))},
	{name: "nsid data", opt: opt(1232, 0, option(3, []byte("x")))},
	{name: "two nsid", opt: opt(1232, 0, option(3, nil), option(3, nil))},
	{name: "ecs /0", opt: opt(1232, 0, option(8, []byte{0, 1, 0, 0}))},
	{name: "ecs6 /0", opt: opt(1232, 0, option(8, []byte{0, 2, 0, 0}))},
	{name: "ecs private", opt: opt(1232, 0, option(8, []byte{0, 1, 24, 0, 10, 1, 2}))},
	{name: "ecs /20", opt: opt(1232, 0, option(8, []byte{0, 1, 20, 0, 81, 2, 64}))},
	{name: "ecs short", opt: opt(1232, 0, option(8, []byte{0, 1, 24, 0, 81, 2}))},
	{name: "ecs long", opt: opt(1232, 0, option(8, []byte{0, 1, 24, 0, 81, 2, 69, 0}))},
	{name: "ecs bits", opt: opt(1232, 0, option(8, []byte{0, 1, 20, 0, 81, 2, 69}))},
	{name: "ecs scope", opt: opt(1232, 0, option(8, []byte{0, 1, 24, 24, 81, 2, 69}))},
	{name: "ecs /33", opt: opt(1232, 0, option(8, []byte{0, 1, 33, 0, 81, 2, 69, 1, 0}))},
	{name: "ecs family", opt: opt(1232, 0, option(8, []byte{0, 3, 24, 0, 81, 2, 69}))},
	{name: "ecs family 0", opt: opt(1232, 0, option(8, []byte{0, 0, 0, 0}))},
	{name: "ecs empty", opt: opt(1232, 0, option(8, nil))},
	{name: "two ecs", opt: opt(1232, 0, option(8, []byte{0, 1, 24, 0, 81, 2, 69}), option(8, []byte{0, 1, 24, 0, 81, 2, 69}))},
	{name: "option cut", opt: opt(1232, 0, []byte{0, 3, 0, 9, 1})},
	{name: "option bit", opt: opt(1232, 0, []byte{0, 3, 0})},
}

// query packs a question.
func (m manner) query(t *testing.T, name string, typ uint16) []byte {
	t.Helper()
	if m.capitals {
		name = strings.ToUpper(name)
	}
	class, additional := m.class, byte(0)
	if class == 0 {
		class = dns.ClassINET
	}
	if m.opt != nil {
		additional = 1
	}
	msg := append(header(m.flags, 1, 0, 0, additional), packQuestion(t, name, typ, class)...)
	return append(msg, m.opt...)
}

func header(flags uint16, counts ...byte) []byte {
	msg := binary.BigEndian.AppendUint16(nil, questionID)
	msg = binary.BigEndian.AppendUint16(msg, flags)
	for _, n := range counts {
		msg = append(msg, 0, n)
	}
	return msg
}

func packQuestion(t *testing.T, name string, typ, class uint16) []byte {
	t.Helper()
	buf := make([]byte, 300)
	n, err := dns.PackDomainName(name, buf, 0, nil, false)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(buf[:n], typ), class)
}

// opt is an OPT record. Its ttl has the extended RCODE, the version and the flags.
func opt(size uint16, ttl uint32, options ...[]byte) []byte {
	data := bytes.Join(options, nil)
	record := binary.BigEndian.AppendUint16([]byte{0, 0, 41}, size)
	record = binary.BigEndian.AppendUint32(record, ttl)
	return append(binary.BigEndian.AppendUint16(record, uint16(len(data))), data...)
}

func option(code uint16, data []byte) []byte {
	head := binary.BigEndian.AppendUint16(nil, code)
	return append(binary.BigEndian.AppendUint16(head, uint16(len(data))), data...)
}

// clientSubnet is the data of an option that says whom the resolver asks for.
func clientSubnet(t *testing.T, text string) []byte {
	t.Helper()
	subnet, err := netip.ParsePrefix(text)
	if err != nil {
		t.Fatal(err)
	}
	family, bits := byte(2), subnet.Bits()
	if subnet.Addr().Is4() {
		family = 1
	}
	return append([]byte{0, family, byte(bits), 0}, subnet.Masked().Addr().AsSlice()[:(bits+7)/8]...)
}

type oddMessage struct {
	name string
	msg  []byte
}

// The parts of which messages are made.
var (
	www  = []byte("\x03www\x07example\x03org\x00\x00\x01\x00\x01")
	soa  = []byte("\xc0\x0c\x00\x06\x00\x01\x00\x00\x00\x05\x00\x16\x00\x00" + strings.Repeat("\x00\x00\x00\x01", 5))
	oneA = []byte("\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04\x01\x02\x03\x04")
	tsig = []byte("\x03key\x00\x00\xfa\x00\xff\x00\x00\x00\x00\x00\x1d\x0bhmac-sha256\x00" +
		"\x00\x00\x00\x00\x00\x00\x01\x2c\x00\x00\x47\x11\x00\x00\x00\x00")
)

func apex(typ byte) []byte { return append([]byte("\x07example\x03org\x00"), 0, typ, 0, 1) }

func chaos(name string, typ byte) []byte {
	return append(append(header(0, 1, 0, 0, 0), name...), 0, 0, typ, 0, 3)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// malformed are messages that are no questions in any manner.
func malformed() []oddMessage {
	return []oddMessage{
		{"a response (QR=1)", join(header(0x8000, 1, 0, 0, 0), www)},
		{"a truncated query (TC=1)", join(header(0x0200, 1, 0, 0, 0), www)},
		{"no question", header(0, 0, 0, 0, 0)},
		{"no question, but EDNS", join(header(0, 0, 0, 0, 1), opt(1232, 0))},
		{"two questions", join(header(0, 2, 0, 0, 0), www, www)},
		{"two questions, one there", join(header(0, 2, 0, 0, 0), www)},
		{"a question counted, none there", header(0, 1, 0, 0, 0)},
		{"a name cut short", join(header(0, 1, 0, 0, 0), []byte("\x03ww"))},
		{"a type cut short", join(header(0, 1, 0, 0, 0), www[:len(www)-3])},
		{"octets behind the question", join(header(0, 1, 0, 0, 0), www, []byte("x"))},
		{"a label of 64 octets", join(header(0, 1, 0, 0, 0), []byte("\x40"+strings.Repeat("a", 64)+"\x00\x00\x01\x00\x01"))},
		{"a name that points to itself", join(header(0, 1, 0, 0, 0), []byte("\xc0\x0c\x00\x01\x00\x01"))},
		{"a name of 256 octets", join(header(0, 1, 0, 0, 0), []byte(strings.Repeat("\x1e"+strings.Repeat("a", 30), 8)+"\x06aaaaaa\x00\x00\x01\x00\x01"))},
		{"a name of 255 octets", join(header(0, 1, 0, 0, 0), []byte(strings.Repeat("\x1e"+strings.Repeat("a", 30), 8)+"\x05aaaaa\x00\x00\x01\x00\x01"))},
		{"a name with any octets", join(header(0, 1, 0, 0, 0), []byte("\x04\x00.\xff@\x07example\x03org\x00\x00\x01\x00\x01"))},
		{"two OPTs", join(header(0, 1, 0, 0, 2), www, opt(1232, 0), opt(1232, 0))},
		{"an OPT with a name", join(header(0, 1, 0, 0, 1), www, []byte("\x01a"), opt(1232, 0))},
		{"an OPT in Answer", join(header(0, 1, 1, 0, 0), www, opt(1232, 0))},
		{"an OPT in Authority", join(header(0, 1, 0, 1, 0), www, opt(1232, 0))},
		{"an OPT cut short", join(header(0, 1, 0, 0, 1), www, opt(1232, 0)[:8])},
		{"an OPT longer than the message", join(header(0, 1, 0, 0, 1), www, opt(1232, 0)[:9], []byte{0, 9})},
		{"an OPT that is not counted", join(header(0, 1, 0, 0, 0), www, opt(1232, 0))},
		{"a record before the OPT", join(header(0, 1, 0, 0, 2), www, oneA, opt(1232, 0))},
		{"a record behind the OPT", join(header(0, 1, 0, 0, 2), www, opt(1232, 0), oneA)},
		{"a record in Answer", join(header(0, 1, 1, 0, 0), www, oneA)},
		{"a record in Authority", join(header(0, 1, 0, 1, 0), www, oneA)},
		{"a signature", join(header(0, 1, 0, 0, 1), www, tsig)},
		{"a signature before an OPT", join(header(0, 1, 0, 0, 2), www, tsig, opt(1232, 0))},
		{"a signature behind an OPT", join(header(0, 1, 0, 0, 2), www, opt(1232, 0), tsig)},
		{"a signature that is none", join(header(0, 1, 0, 0, 1), www, []byte("\x00\x00\xfa\x00\xff\x00\x00\x00\x00\x00\x02xx"))},
	}
}

// uncommon are those that ask for what we do not do, or who we are.
func uncommon() []oddMessage {
	list := []oddMessage{
		{"AXFR", join(header(0, 1, 0, 0, 0), apex(252))},
		{"AXFR with EDNS", join(header(0, 1, 0, 0, 1), apex(252), opt(1232, 0))},
		{"IXFR", join(header(0, 1, 0, 1, 0), apex(251), soa)},
		{"IXFR without SOA", join(header(0, 1, 0, 0, 0), apex(251))},
		{"NOTIFY", join(header(4<<11, 1, 0, 0, 0), apex(6))},
		{"NOTIFY with SOA and EDNS", join(header(4<<11|0x0400, 1, 1, 0, 1), apex(6), soa, opt(1232, 0))},
		{"UPDATE", join(header(5<<11, 1, 0, 1, 0), apex(6), oneA)},
		{"IQUERY", join(header(1<<11, 0, 1, 0, 0), oneA)},
		{"STATUS", join(header(2<<11, 0, 0, 0, 0))},
		{"DSO", join(header(6<<11, 0, 0, 0, 0), []byte{0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 1})},
		{"opcode 15 with RD", join(header(15<<11|flagRD, 1, 0, 0, 0), www)},
		{"opcode 15, malformed", join(header(15<<11, 1, 0, 0, 0), www[:5])},
		{"a header cut short", header(0, 1, 0, 0, 0)[:11]},
		{"two octets", header(0)[:2]},
		{"id.server", chaos("\x02id\x06server", 16)},
		{"hostname.bind", chaos("\x08hostname\x04bind", 16)},
		{"version.bind", chaos("\x07VERSION\x04bind", 16)},
		{"version.server, ANY", chaos("\x07version\x06server", 255)},
		{"version.bind, A", chaos("\x07version\x04bind", 1)},
		{"authors.bind", chaos("\x07authors\x04bind", 16)},
		{"version.bind with EDNS and NSID", join(header(0, 1, 0, 0, 1), []byte("\x07version\x04bind\x00\x00\x10\x00\x03"), opt(1232, 0, option(3, nil)))},
	}
	for typ := byte(248); typ != 0; typ++ {
		list = append(list, oddMessage{"the meta type " + dns.Type(typ).String(), join(header(0, 1, 0, 0, 0), apex(typ))})
	}
	return append(list, oddMessage{"the type 0", join(header(0, 1, 0, 0, 0), apex(0))}, oddMessage{"the type OPT", join(header(0, 1, 0, 0, 0), apex(41))})
}
