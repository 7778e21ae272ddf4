package geodns

import (
	"tinycdn/geodns/wire"
	"tinycdn/geoip"
	"tinycdn/zones"
)

// Identity is what this server says of itself.
type Identity struct {
	Name    string // of the POP: for NSID (RFC 5001), id.server and hostname.bind (RFC 4892); at most 254 octets
	Version string // for version.bind; "": refused
}

// A Responder turns queries into replies, one at a time. Each loop has its own.
type Responder struct {
	store *zones.Store
	id    Identity
	nsid  []byte

	// Kept from query to query, so that none allocates.
	query    wire.Query
	question zones.Question
}

// NewResponder returns a Responder that answers from what store publishes.
func NewResponder(store *zones.Store, id Identity) *Responder {
	r := &Responder{store: store, id: id, nsid: []byte(id.Name)}
	r.question.Name = &r.query.Name
	return r
}

// Respond writes the reply to msg, a message that came from client, into reply[:0] and returns it. An empty result
// means silence. It keeps neither slice, allocates nothing and answers any octets whatever.
func (r *Responder) Respond(reply, msg []byte, client geoip.Block, tcp bool) []byte {
	q := &r.query
	verdict := wire.Parse(msg, q)
	if verdict == wire.Drop {
		return reply[:0]
	}
	reply = wire.AppendHead(reply[:0], msg, q)
	head := len(reply)
	limit := wire.MaxTCP
	if !tcp {
		limit = q.UDPLimit()
	}

	var out zones.Outcome
	rcode := wire.NoError
	switch {
	case verdict == wire.BadForm:
		rcode = wire.FormErr
	case verdict == wire.BadVersion:
		rcode = wire.BadVers
	case verdict == wire.NotImplemented:
		rcode = wire.NotImp
	case verdict == wire.Signed:
		rcode = wire.NotAuth
	case q.Class == classCH:
		reply, rcode, out.Answer = r.appendIdentity(reply)
	case q.Class != classIN || q.Type == typeAXFR || q.Type == typeIXFR:
		rcode = wire.Refused
	case typeTKEY <= q.Type && q.Type < typeANY:
		rcode = wire.NotImp // what is left of the range of meta types: TKEY, TSIG, MAILB, MAILA
	default:
		r.question.NameLen, r.question.Type, r.question.DO, r.question.Limit = q.NameLen, q.Type, q.DO, limit-q.OPTLen(r.nsid)
		r.question.Client = clientOf(&q.Subnet, client)
		reply, out = r.store.Current().Answer(reply, &r.question)
		rcode = int(out.Rcode)
	}

	end := len(reply)
	reply = wire.AppendOPT(reply, q, rcode, out.Scope, r.nsid)
	truncated := out.Truncated || len(reply) > limit
	if truncated {
		// No records at all: a resolver that sees TC asks again over TCP, whatever else it was given.
		out.Counts = zones.Counts{}
		n := copy(reply[head:], reply[end:])
		reply = reply[:head+n]
	}
	wire.SetHeader(reply, q, rcode, out.Authoritative, truncated, wire.Counts(out.Counts))
	return reply
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
