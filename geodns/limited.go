package geodns

import (
	"log/slog"
	"net/netip"
	"time"

	"tinycdn/geodns/rrl"
	"tinycdn/geodns/wire"
)

// limited replies to a query beyond the limit: whoever can hear us may ask over TCP, or with the cookie that BADCOOKIE
// brings (RFC 7873, 5.2.3). An address that was forged gets hardly more octets than were sent in its name: of replies that
// are longer than their query, for the cookie in them, there is one in two, and the other is shorter.
func (r *Responder) limited(reply, msg []byte, a *asked) []byte {
	q, l, verdict := &a.query, r.loop, a.verdict
	if a.limited == rrl.Silence || verdict != wire.Fine && verdict != wire.NoQuestion { // of a mistake too many were told
		l.counts.limited.silent.Add(1)
		l.counts.count(q, silence)
		return reply[:0]
	}
	q.NSID = false
	rcode := wire.NoError
	if q.Cookie.Present && q.Cookie.Server() == nil {
		l.badCookies++
		q.Cookie.Present = l.badCookies%2 == 1
	}
	if q.Cookie.Present {
		rcode = wire.BadCookie
		l.counts.limited.badCookie.Add(1)
	} else {
		l.counts.limited.truncated.Add(1)
	}
	reply = wire.AppendHead(reply[:0], msg, q)
	reply = r.server.AppendOPT(reply, q, rcode, 0)
	l.counts.count(q, rcode)
	wire.SetHeader(reply, q, wire.Header{Rcode: rcode, Truncated: rcode == wire.NoError})
	return reply
}

// Limited is how many queries over UDP were beyond the limit, since the start: those that were told to come over TCP, those
// that were given a cookie to come again with, and those that were dropped.
type Limited struct{ Truncated, BadCookie, Silent uint64 }

// Limited counts the queries that were beyond the limit. Anybody may ask.
func (s *Server) Limited() (sum Limited) {
	s.eachLoop(func(l *Loop, _ bool) {
		c := &l.counts.limited
		sum.Truncated += c.truncated.Load()
		sum.BadCookie += c.badCookie.Load()
		sum.Silent += c.silent.Load()
	})
	return sum
}

// offenders are told by the loops, which wait for nobody, and logged by one goroutine.
type offenders chan rrl.Offender

const (
	// logEvery is how often a network is logged.
	logEvery = time.Minute
	// mostLogged is how many networks are logged in that time: a flood may come in the name of everybody.
	mostLogged = 10
)

func newOffenders() offenders { return make(offenders, 16) }

func (o offenders) tell(offender rrl.Offender) {
	select {
	case o <- offender:
	default: // there are others to be told
	}
}

// stop ends log, when nobody tells any more.
func (o offenders) stop() { o <- rrl.Offender{} }

// log logs each network once in a time.
func (o offenders) log(log *slog.Logger) {
	last := map[netip.Prefix]time.Time{}
	for offender := range o {
		if !offender.Network.IsValid() {
			return
		}
		for network, then := range last {
			if time.Since(then) >= logEvery {
				delete(last, network)
			}
		}
		if _, known := last[offender.Network]; known || len(last) >= mostLogged {
			continue
		}
		last[offender.Network] = time.Now()
		log.Warn("one address or network asks too much over UDP", "from", offender.Network, "queries_per_second", offender.Rate,
			"effect", "it is told to use TCP", "hint", "if it is a resolver that you know, put it into dns.rrl.exempt")
	}
}
