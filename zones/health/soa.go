package health

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"time"

	"tinycdn/zones/diag"
)

const (
	typeSOA, classIN = 6, 1

	headerLen = 12
	maxUDP    = 4096 // as large as any server's answer may be

	// udpTries is how often a question is sent over UDP in the time of a look: a packet may be lost.
	udpTries = 3
)

// askForSOA asks for the SOA of a zone, over UDP and then over TCP.
func askForSOA(ctx context.Context, addr netip.AddrPort, s *Spot) Result {
	w := newWatch()
	for _, over := range []struct {
		network, name string
		ask           func(net.Conn, []byte, time.Duration) ([]byte, error)
	}{{"udp", "UDP: ", askUDP}, {"tcp", "TCP: ", askTCP}} {
		ctx, done := context.WithTimeout(ctx, s.Timeout)
		why := ""
		conn, err := connect(ctx, over.network, addr)
		if err == nil {
			question := soaQuestion(s.Zone)
			var reply []byte
			if reply, err = over.ask(conn, question, s.Timeout); err == nil {
				why = judgeSOA(question, reply)
			}
			conn.Close()
		}
		done()
		if err != nil {
			return failed(over.name, err, s.Timeout)
		}
		if why != "" {
			return Result{Why: over.name + why}
		}
		w.lap()
	}
	return Result{Took: w.took}
}

// soaQuestion is a query for the SOA of a zone, with a number that nobody can guess.
func soaQuestion(zone []byte) []byte {
	q := make([]byte, headerLen, headerLen+len(zone)+4)
	binary.BigEndian.PutUint16(q, uint16(rand.Uint32()))
	q[5] = 1 // QDCOUNT
	q = append(q, zone...)
	return append(q, 0, typeSOA, 0, classIN)
}

// askUDP asks over UDP. What comes with another number is not for us.
func askUDP(conn net.Conn, question []byte, timeout time.Duration) ([]byte, error) {
	reply := make([]byte, maxUDP)
	end := time.Now().Add(timeout)
	var last error
	for try := range udpTries {
		if _, err := conn.Write(question); err != nil {
			return nil, err
		}
		conn.SetReadDeadline(end.Add(-timeout / udpTries * time.Duration(udpTries-1-try)))
		for {
			n, err := conn.Read(reply)
			if err != nil {
				last = err
				break
			}
			if n >= headerLen && bytes.Equal(reply[:2], question[:2]) {
				return reply[:n], nil
			}
		}
		if late, ok := last.(net.Error); !ok || !late.Timeout() {
			break
		}
	}
	return nil, last
}

// askTCP asks over TCP (RFC 1035, 4.2.2).
func askTCP(conn net.Conn, question []byte, _ time.Duration) ([]byte, error) {
	if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(question))), question...)); err != nil {
		return nil, err
	}
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, err
	}
	reply := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, reply); err != nil {
		return nil, err
	}
	if len(reply) < headerLen {
		return nil, diag.Kind("the answer is cut short")
	}
	return reply, nil
}

// judgeSOA says what is wrong with a reply, which has a header; "": nothing.
func judgeSOA(question, reply []byte) string {
	const response, authoritative = 1 << 7, 1 << 2
	rcodes := [16]string{1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 9: "NOTAUTH"}
	rcode := reply[3] & 15
	asked := question[headerLen:]
	switch {
	case reply[2]&response == 0 || !bytes.Equal(reply[:2], question[:2]):
		return "what answers there is no nameserver"
	case rcode != 0 && rcodes[rcode] != "":
		return rcodes[rcode]
	case rcode != 0:
		return fmt.Sprintf("RCODE %d", rcode)
	case len(reply) < headerLen+len(asked) || !bytes.EqualFold(reply[headerLen:headerLen+len(asked)], asked):
		return "it answers another question"
	case reply[2]&authoritative == 0 || binary.BigEndian.Uint16(reply[6:]) == 0:
		return "it does not have the zone"
	}
	return ""
}
