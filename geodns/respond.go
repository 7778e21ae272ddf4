package geodns

import (
	"cmp"

	"tinycdn/geodns/rrl"
	"tinycdn/geodns/wire"
	"tinycdn/geoip"
	"tinycdn/zones"
)

// A Responder turns queries into replies, one at a time. Each loop has its own.
type Responder struct {
	store  *zones.Store
	id     Identity
	server wire.Server
	loop   *Loop

	// Kept from query to query, so that none allocates.
	one   asked
	batch *batch // nil: there was none yet
}

// NewResponder returns a Responder for loop that answers from what store publishes.
func NewResponder(store *zones.Store, id Identity, loop *Loop) *Responder {
	r := &Responder{store: store, id: id, loop: loop, server: wire.Server{ID: []byte(id.Name), UDPSize: uint16(cmp.Or(loop.udpSize, defaultUDPSize))}}
	r.one.question.Name = &r.one.query.Name
	return r
}

// Respond writes the reply to msg, a message that came from client, into reply[:0] and returns it. An empty result
// means silence. It keeps neither slice, allocates nothing and answers any octets whatever.
func (r *Responder) Respond(reply, msg []byte, client geoip.Block, tcp bool) []byte {
	r.read(&r.one, msg, client, tcp)
	return r.write(&r.one, reply, msg, r.store.Current())
}

// write writes the reply to msg, of which read has read a, as of a snapshot.
func (r *Responder) write(a *asked, reply, msg []byte, from *zones.Snapshot) []byte {
	q, verdict := &a.query, a.verdict
	if verdict == wire.Drop {
		return r.loop.drop(reply)
	}
	if a.limited != rrl.Answer {
		return r.limited(reply, msg, a)
	}
	reply = wire.AppendHead(reply[:0], msg, q)
	sections := len(reply) // where they begin, behind the question

	out, rcode := zones.Outcome{}, wire.NoError
	switch {
	case verdict == wire.BadForm:
		rcode = wire.FormErr
	case verdict == wire.BadVersion:
		rcode = wire.BadVers
	case verdict == wire.NotImplemented:
		rcode = wire.NotImp
	case verdict == wire.Signed:
		rcode = wire.NotAuth
	case verdict == wire.NoQuestion:
		if q.Cookie.HasServer() && !a.good { // RFC 7873, 5.4: so a client learns whether its cookie is good
			rcode = wire.BadCookie
		}
	case q.Class == wire.ClassCH:
		reply, rcode, out.Answer = r.appendIdentity(reply, q)
	case q.Class != wire.ClassIN || q.Type == wire.TypeAXFR || q.Type == wire.TypeIXFR:
		rcode = wire.Refused
	case isMeta(q.Type):
		rcode = wire.NotImp
	default:
		reply, out = from.Answer(reply, &a.question)
		rcode = int(out.Rcode)
		r.loop.countAnswer(&out, &a.question, reply[wire.HeaderLen:sections])
	}
	r.loop.counts.count(q, rcode)

	opt := len(reply)
	reply = r.server.AppendOPT(reply, q, rcode, out.Scope)
	if out.Expires != 0 && q.EDNS && len(reply)+wire.ErrorLen <= a.limit && r.loop.clock.seconds() >= out.Expires {
		reply = wire.AppendError(reply, opt, wire.SignatureExpired)
	}
	if len(reply) > a.limit {
		// No records at all: a resolver that sees TC asks again over TCP, whatever else it was given.
		out.Truncated, out.Counts = true, zones.Counts{}
		n := copy(reply[sections:], reply[opt:])
		reply = reply[:sections+n]
	}
	wire.SetHeader(reply, q, wire.Header{
		Rcode: rcode, Authoritative: out.Authoritative, Truncated: out.Truncated,
		Answer: out.Answer, Authority: out.Authority, Additional: out.Additional,
	})
	return reply
}

// judge says what the limit lets a client have. Who can be heard to ask is not limited.
func (r *Responder) judge(client geoip.Block, heard bool) rrl.Verdict {
	if heard {
		return rrl.Answer
	}
	return r.loop.limiter.Judge(client)
}

// judgeCookie says whether the query has a good cookie, and makes the one for the reply.
func (r *Responder) judgeCookie(cookie *wire.Cookie, client geoip.Block) (good bool) {
	if r.loop.cookies == nil {
		cookie.Present = false // an option that is not known
		return false
	}
	return r.loop.cookies.judge(cookie, client, &r.loop.clock)
}

// clientOf says who an answer is for: the client subnet, where the query has one that says anything
// (RFC 7871, 7.1.2: SOURCE 0 asks not to be told apart), and the resolver.
func clientOf(s *wire.Subnet, resolver geoip.Block) zones.Client {
	c := zones.Client{Resolver: resolver}
	if s.Present && s.Source > 0 {
		c.HasSubnet = true
		c.Subnet = geoip.Block{Hi: s.Hi, Lo: s.Lo, Bits: s.Source, V4: s.Family == wire.FamilyIPv4}
	}
	return c
}
