package geodns

import (
	"tinycdn/geodns/mmsg"
	"tinycdn/geodns/rrl"
	"tinycdn/geodns/wire"
	"tinycdn/geoip"
	"tinycdn/zones"
)

// asked is a query that was read and is to be answered.
type asked struct {
	query    wire.Query
	verdict  wire.Verdict
	good     bool // its cookie
	limited  rrl.Verdict
	limit    int            // octets that the reply may have
	question zones.Question // if it is one for the zones
}

// read reads msg into a, and judges who sent it.
func (r *Responder) read(a *asked, msg []byte, client geoip.Block, tcp bool) {
	q := &a.query
	if a.verdict = wire.Parse(msg, q); a.verdict == wire.Drop {
		return
	}
	a.good = q.Cookie.Present && r.judgeCookie(&q.Cookie, client)
	a.limited = r.judge(client, a.good || tcp)
	if a.limit = wire.MaxTCP; !tcp {
		a.limit = r.server.UDPLimit(q)
	}
	if a.forZones() {
		to := &a.question
		to.NameLen, to.Type, to.DO, to.Limit = q.NameLen, q.Type, q.DO, a.limit-r.server.OPTLen(q)
		to.Client = clientOf(&q.Subnet, client)
	}
}

// forZones says whether the zones are to be asked.
func (a *asked) forZones() bool {
	q := &a.query
	return a.verdict == wire.Fine && a.limited == rrl.Answer && q.Class == wire.ClassIN &&
		q.Type != wire.TypeAXFR && q.Type != wire.TypeIXFR && !isMeta(q.Type)
}

// isMeta says whether a type is of what is left of the range of meta types: TKEY, TSIG, MAILB, MAILA.
func isMeta(typ uint16) bool { return wire.TypeTKEY <= typ && typ < wire.TypeANY }

// batch is queries that came together.
type batch struct {
	asked [batchSize]asked
	ahead [batchSize]*zones.Question
}

// batchSize is how many queries are looked at together: as many as come in one system call.
const batchSize = 32

// RespondAll is Respond for all packets that came together over UDP, and gives the same replies. All are read before the first is
// answered: so what the answers need, and no cache holds, is fetched for all of them at once.
func (r *Responder) RespondAll(packets []mmsg.Packet) {
	if r.batch == nil {
		r.batch = new(batch)
		for i := range r.batch.asked {
			a := &r.batch.asked[i]
			a.question.Name = &a.query.Name
		}
	}
	for len(packets) > 0 {
		n := min(len(packets), batchSize)
		r.respondTogether(packets[:n])
		packets = packets[n:]
	}
}

func (r *Responder) respondTogether(packets []mmsg.Packet) {
	ahead := r.batch.ahead[:0]
	for i := range packets {
		a := &r.batch.asked[i]
		if r.read(a, packets[i].Query, geoip.BlockOfAddr(packets[i].Client), false); a.forZones() {
			ahead = append(ahead, &a.question)
		}
	}
	from := r.store.Current()
	if len(ahead) > 1 {
		from.Ahead(ahead)
	}
	for i := range packets {
		p := &packets[i]
		p.Reply = r.write(&r.batch.asked[i], p.Reply, p.Query, from)
	}
}
