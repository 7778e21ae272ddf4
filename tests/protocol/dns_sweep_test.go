package protocol

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"net"
	"slices"
	"strings"
	"testing"

	"tinycdn/tests/testkit"

	"github.com/miekg/dns"
)

// probe is a message, and what may come of it.
type probe struct {
	what  string
	msg   []byte
	rcode int // of the reply
}

const silence = -1 // instead of a reply

// TestAnyMessageHasItsReplyOrSilence sends what no resolver would: every type, class, opcode and option, headers that
// lie and messages cut anywhere. Each gets what is due, and the server is as well as before.
func TestAnyMessageHasItsReplyOrSilence(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			// One decides for both networks, so that the whole of it shows nothing more over TCP; nor does it show more races.
			numbers := numbers(network == "udp" && !testkit.RaceDetector)
			every := map[string][]probe{
				"types": everyType(t, numbers), "classes": everyClass(t, numbers), "opcodes": everyOpcode(t), "options": everyOption(t, numbers),
				"headers": headers(t), "cut": cutAnywhere(t), "names": oddNames(t), "records": oddRecords(t),
			}
			h := testkit.Start(t, testkit.OneZone)
			conn := h.Dial(t, network) // once all is there to be asked: who is silent for long is cut off
			for name, probes := range every {
				if network == "tcp" {
					// So is who sends what cannot be a message.
					probes = slices.DeleteFunc(probes, func(p probe) bool { return len(p.msg) < 12 })
				}
				for chunk := range slices.Chunk(probes, 50) {
					if !exchangeAll(t, conn, chunk) {
						t.Fatalf("%s: see above", name)
					}
				}
				for chunk := range slices.Chunk(asAnswers(some(probes)), 50) {
					if !exchangeAll(t, conn, chunk) {
						t.Fatalf("%s with QR=1: see above", name)
					}
				}
			}
			if m := testkit.Exchange(t, conn, testkit.Query(t, "www.example.org.", dns.TypeA)); len(m.Answer) != 1 {
				t.Errorf("afterwards: got %v", m)
			}
		})
	}
}

// numbers are all of 16 bits, or one in 17: messages that are all alike but for a number. All low ones are kept, which have a meaning.
func numbers(all bool) iter.Seq[int] {
	return func(yield func(int) bool) {
		for n := range 1 << 16 {
			if (all || isSome(n)) && !yield(n) {
				return
			}
		}
	}
}

func isSome(n int) bool { return n < 1024 || n%17 == 0 }

// some leaves as few of a long list.
func some(probes []probe) (fewer []probe) {
	for i, p := range probes {
		if isSome(i) {
			fewer = append(fewer, p)
		}
	}
	return fewer
}

// exchangeAll sends the probes, each with an ID of its own, and a right question behind them. When that has its
// answer, every other must have had its own too, and what should get silence has got it.
func exchangeAll(t *testing.T, conn net.Conn, probes []probe) (well bool) {
	t.Helper()
	last := uint16(len(probes))
	want := map[uint16]probe{}
	for i, p := range probes {
		if len(p.msg) >= 2 {
			binary.BigEndian.PutUint16(p.msg, uint16(i))
		}
		testkit.Send(t, conn, p.msg)
		if p.rcode != silence {
			want[uint16(i)] = p
		}
	}
	end := testkit.Query(t, "www.example.org.", dns.TypeA, func(m *dns.Msg) { m.Id = last })
	testkit.Send(t, conn, end)
	well = true
	for ended := false; !ended || len(want) > 0; {
		reply := testkit.Receive(t, conn)
		id := binary.BigEndian.Uint16(reply)
		if id == last {
			ended = true
			continue
		}
		p, due := want[id]
		delete(want, id)
		if m := testkit.Unpack(t, reply); !due || !m.Response || m.Rcode != p.rcode && !(p.rcode == dns.RcodeBadVers && extendedRcode(m) == p.rcode) {
			t.Errorf("%s: got %s for % x", probes[min(int(id), len(probes)-1)].what, dns.RcodeToString[m.Rcode], probes[min(int(id), len(probes)-1)].msg)
			well = false
		}
	}
	return well
}

func extendedRcode(m *dns.Msg) int {
	if opt := m.IsEdns0(); opt != nil {
		return m.Rcode&15 | opt.ExtendedRcode()
	}
	return m.Rcode
}

// asAnswers makes each message one that answers (QR=1). They get silence, whatever they are: two servers that answer
// answers would never stop.
func asAnswers(probes []probe) (answers []probe) {
	for _, p := range probes {
		if len(p.msg) >= 3 {
			msg := bytes.Clone(p.msg)
			msg[2] |= 0x80
			answers = append(answers, probe{p.what + " with QR=1", msg, silence})
		}
	}
	return answers
}

func everyType(t *testing.T, numbers iter.Seq[int]) (probes []probe) {
	for typ := range numbers {
		rcode := dns.RcodeSuccess
		switch typ {
		case int(dns.TypeAXFR), int(dns.TypeIXFR):
			rcode = dns.RcodeRefused
		case int(dns.TypeTKEY), int(dns.TypeTSIG), int(dns.TypeMAILA), int(dns.TypeMAILB):
			rcode = dns.RcodeNotImplemented
		}
		probes = append(probes, probe{fmt.Sprintf("type %d", typ), testkit.Query(t, "www.example.org.", uint16(typ)), rcode})
	}
	return probes
}

func everyClass(t *testing.T, numbers iter.Seq[int]) (probes []probe) {
	for class := range numbers {
		rcode := dns.RcodeRefused
		if class == dns.ClassINET {
			rcode = dns.RcodeSuccess
		}
		msg := testkit.Query(t, "www.example.org.", dns.TypeA, func(m *dns.Msg) { m.Question[0].Qclass = uint16(class) })
		probes = append(probes, probe{fmt.Sprintf("class %d", class), msg, rcode})
	}
	return probes
}

func everyOpcode(t *testing.T) (probes []probe) {
	for opcode := range 16 {
		for _, class := range []uint16{dns.ClassINET, dns.ClassCHAOS, dns.ClassANY, dns.ClassNONE, 0} {
			rcode := dns.RcodeNotImplemented
			switch {
			case opcode == dns.OpcodeQuery && class == dns.ClassINET:
				rcode = dns.RcodeSuccess
			case opcode == dns.OpcodeQuery:
				rcode = dns.RcodeRefused
			}
			msg := testkit.Query(t, "example.org.", dns.TypeSOA, func(m *dns.Msg) { m.Opcode, m.Question[0].Qclass = opcode, class })
			probes = append(probes, probe{fmt.Sprintf("opcode %d, class %d", opcode, class), msg, rcode})
		}
	}
	return probes
}

func everyOption(t *testing.T, numbers iter.Seq[int]) (probes []probe) {
	for code := range numbers {
		if code == dns.EDNS0SUBNET || code == dns.EDNS0COOKIE {
			continue // these have rules of their own: the stories about client subnets, and geodns for cookies
		}
		msg := testkit.Query(t, "www.example.org.", dns.TypeA, func(m *dns.Msg) {
			m.SetEdns0(1232, false)
			m.Extra[0].(*dns.OPT).Option = []dns.EDNS0{&dns.EDNS0_LOCAL{Code: uint16(code), Data: make([]byte, code%9)}}
		})
		probes = append(probes, probe{fmt.Sprintf("option %d", code), msg, dns.RcodeSuccess})
	}
	return probes
}

// headers announces records that are not there, and other numbers of questions than one.
func headers(t *testing.T) (probes []probe) {
	for section := range 4 {
		for _, count := range []uint16{0, 1, 2, 255, 256, 65535} {
			msg := testkit.Query(t, "www.example.org.", dns.TypeA)
			if binary.BigEndian.Uint16(msg[4+2*section:]) == count {
				continue
			}
			binary.BigEndian.PutUint16(msg[4+2*section:], count)
			probes = append(probes, probe{fmt.Sprintf("count %d in section %d", count, section), msg, dns.RcodeFormatError})
		}
	}
	return append(probes,
		probe{"header alone", make([]byte, 12), dns.RcodeFormatError},
		probe{"octets behind the question", append(testkit.Query(t, "www.example.org.", dns.TypeA), 0), dns.RcodeFormatError})
}

func cutAnywhere(t *testing.T) (probes []probe) {
	whole := testkit.Query(t, "www.example.org.", dns.TypeA, func(m *dns.Msg) {
		m.SetEdns0(1232, true)
		m.Extra[0].(*dns.OPT).Option = []dns.EDNS0{&dns.EDNS0_NSID{Code: dns.EDNS0NSID}}
	})
	for n := range len(whole) {
		rcode := dns.RcodeFormatError
		if n < 12 {
			rcode = silence // no message at all
		}
		probes = append(probes, probe{fmt.Sprintf("cut to %d octets", n), bytes.Clone(whole[:n]), rcode})
	}
	return probes
}

func oddNames(t *testing.T) (probes []probe) {
	question := func(name string) []byte {
		return append(append(testkit.Query(t, ".", dns.TypeA)[:12:12], name...), 0, 1, 0, 1)
	}
	label := "\x3f" + strings.Repeat("a", 63)
	long := strings.Repeat("\x01a", 127)
	for _, p := range []struct {
		what, name string
		rcode      int
	}{
		{"the root", "\x00", dns.RcodeRefused},
		{"a label of 63 octets", label + "\x07example\x03org\x00", dns.RcodeNameError},
		{"a name of 255 octets", long + "\x00", dns.RcodeRefused},
		{"a name of 255 octets of ours", long[:2*121] + "\x07example\x03org\x00", dns.RcodeNameError},
		{"a name of 256 octets", "\x02bb" + long[2:] + "\x00", dns.RcodeFormatError},
		{"a label of 64 octets", "\x40" + strings.Repeat("a", 64) + "\x00", dns.RcodeFormatError},
		{"a label of an unknown kind", "\x80\x00", dns.RcodeFormatError},
		{"a pointer to itself", "\xc0\x0c", dns.RcodeFormatError},
		{"a pointer to the header", "\xc0\x00", dns.RcodeFormatError},
		{"dots inside a label", "\x0fwww.example.org\x00", dns.RcodeRefused},
		{"zeros inside a label", "\x03w\x00w\x07example\x03org\x00", dns.RcodeNameError},
		{"octets above ASCII", "\x02\xff\xfe\x07example\x03org\x00", dns.RcodeNameError},
		{"an asterisk", "\x01*\x07example\x03org\x00", dns.RcodeNameError},
	} {
		probes = append(probes, probe{p.what, question(p.name), p.rcode})
	}
	return probes
}

// oddRecords has records behind the question that do not belong there.
func oddRecords(t *testing.T) (probes []probe) {
	opt := []byte{0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0}
	noTSIG := []byte{0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 0}
	// The key's name is the root's, the algorithm hmac-sha256; time, fudge, a MAC of no octets, ID, error, other.
	tsig := append([]byte{0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 29}, "\x0bhmac-sha256\x00\x00\x00\x60\x00\x00\x00\x01\x2c\x00\x00\x00\x00\x00\x00\x00\x00"...)
	address := []byte{0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 1}
	with := func(section int, records ...[]byte) []byte {
		msg := testkit.Query(t, "www.example.org.", dns.TypeA)
		msg[4+2*section+1] = byte(len(records))
		return append(msg, bytes.Join(records, nil)...)
	}
	changed := func(record []byte, at int, to byte) []byte {
		record = bytes.Clone(record)
		record[at] = to
		return record
	}
	const answer, authority, additional = 1, 2, 3
	return []probe{
		{"one OPT", with(additional, opt), dns.RcodeSuccess},
		{"two OPTs", with(additional, opt, opt), dns.RcodeFormatError},
		{"an OPT with another owner", withOwner(with(additional, opt), opt), dns.RcodeFormatError},
		{"an OPT in Answer", with(answer, opt), dns.RcodeFormatError},
		{"an OPT in Authority", with(authority, opt), dns.RcodeFormatError},
		{"EDNS version 1", with(additional, changed(opt, 6, 1)), dns.RcodeBadVers},
		{"EDNS version 255", with(additional, changed(opt, 6, 255)), dns.RcodeBadVers},
		{"an OPT longer than the message", with(additional, changed(opt, 10, 9)), dns.RcodeFormatError},
		{"an address in Additional", with(additional, address), dns.RcodeSuccess},
		{"an address in Answer", with(answer, address), dns.RcodeFormatError},
		{"a TSIG", with(additional, tsig), dns.RcodeNotAuth},
		{"a malformed TSIG", with(additional, noTSIG), dns.RcodeFormatError}, {"a TSIG before the OPT", with(additional, tsig, opt), dns.RcodeFormatError},
		{"a TSIG behind the OPT", with(additional, opt, tsig), dns.RcodeNotAuth},
	}
}

// withOwner gives the record that ends msg the owner "a" instead of the root.
func withOwner(msg, record []byte) []byte {
	head := msg[:len(msg)-len(record)]
	return append(append(bytes.Clone(head), 1, 'a'), record...)
}
