package geodns

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"tinycdn/geodns/mmsg"
	"tinycdn/geodns/querylog"
	"tinycdn/geodns/wire"
	"tinycdn/geoip/inet"
)

// newQueryLog makes what queries are written down by; nil: nothing.
func (s *Server) newQueryLog() *querylog.Log {
	c := s.config
	return querylog.New(querylog.Config{
		File: c.QueryLog, Sample: c.QueryLogSample, Socket: c.DNSTap, Identity: c.NSID, Version: c.Version,
		Type: typeName, Rcode: func(number int) string { return RcodeNames[kindOfRcode(number)] }, POP: c.POP,
	}, s.log)
}

// typeName gives the name of a type that is told apart, else "".
func typeName(typ uint16) string {
	if kind := kindOfType(typ); kind > 0 {
		return TypeNames[kind]
	}
	return ""
}

// OpenLog opens the query log, if there is to be one. It is a step of its own, so that the file is that of the user whom the process
// becomes once its sockets are bound. A log that cannot be written is missed, and nothing else; then it is false.
func (s *Server) OpenLog() bool {
	if s.queries == nil {
		return true
	}
	if err := s.queries.Open(); err != nil {
		s.log.Error(fmt.Sprintf("dns.query_log: %v (does the folder exist, and may this user write there?)", err), "effect", "there is no query log")
		return false
	}
	return true
}

// startLog has queries be written down, until end is called.
func (s *Server) startLog(ctx context.Context) (end func()) {
	if s.queries == nil {
		return func() {}
	}
	s.OpenLog()
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx)) // the last query is answered when ctx has ended
	var run sync.WaitGroup
	run.Go(func() { s.queries.Run(ctx) })
	return func() {
		stop()
		run.Wait()
	}
}

// logPackets copies a batch, once its answers are sent.
func (l *Loop) logPackets(packets []mmsg.Packet, local netip.AddrPort) {
	l.log.Sent()
	for i := range packets {
		p := &packets[i]
		l.log.Add(netip.AddrPortFrom(p.Client, p.Port), local, false, p.Query, p.Reply)
	}
	l.log.Wake()
}

// log copies queries and the answers to them, which are in their order. One without is none: only what is no query gets silence here.
func (c *stream) log(loop *Loop, asked, answers []byte) {
	client, local := addrPort(c.conn.RemoteAddr()), addrPort(c.conn.LocalAddr())
	loop.log.Sent()
	for {
		query, whole := firstQuery(asked)
		if !whole {
			break
		}
		asked = asked[2+len(query):]
		answer, whole := firstQuery(answers)
		if !whole || len(query) < wire.HeaderLen || binary.BigEndian.Uint16(query) != binary.BigEndian.Uint16(answer) || query[2]&0x80 != 0 {
			continue
		}
		answers = answers[2+len(answer):]
		loop.log.Add(client, local, true, query, answer)
	}
	loop.log.Wake()
}

func addrPort(addr net.Addr) netip.AddrPort {
	at := addr.(*net.TCPAddr).AddrPort()
	return netip.AddrPortFrom(inet.Plain(at.Addr()), at.Port())
}
