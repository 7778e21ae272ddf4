package geodns

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"tinycdn/geodns/wire"
	"tinycdn/geoip"
)

// How old a server cookie may be, in seconds (RFC 9018, 4.3).
const (
	cookieLife   = 60 * 60
	cookieRenew  = 30 * 60 // what is older is answered with a new one
	cookieFuture = 5 * 60  // another server's clock may be ahead
)

// cookies makes and judges the server cookies of RFC 9018: version 1, three reserved octets, the time, and a hash over
// these, the client's cookie and its address.
type cookies struct {
	now    [16]byte  // the secret that cookies are made with
	before *[16]byte // the one that those who were here before may still have; or nil
}

// newCookies makes cookies that nobody else can make: servers behind one address share a secret in a file instead.
func newCookies() *cookies {
	c := new(cookies)
	rand.Read(c.now[:]) // never fails
	return c
}

// judge says whether the client has a cookie that it was given at its address, not long ago, and makes the one for the reply.
func (c *cookies) judge(cookie *wire.Cookie, client geoip.Block, clock *clock) (good bool) {
	now := clock.seconds()
	if sent := cookie.Server(); sent != nil && sent[0] == 1 {
		// Times are compared as serial numbers (RFC 9018, 4.3).
		age := int32(now - binary.BigEndian.Uint32(sent[4:]))
		if age < cookieLife && age >= -cookieFuture {
			hash := binary.LittleEndian.Uint64(sent[8:])
			current := hash == cookieHash(&c.now, cookie.Client(), sent, client)
			good = current || c.before != nil && hash == cookieHash(c.before, cookie.Client(), sent, client)
			if current && age < cookieRenew {
				cookie.Reply = *sent
				return true
			}
		}
	}
	cookie.Reply = [16]byte{0: 1} // the version, and nothing reserved
	binary.BigEndian.PutUint32(cookie.Reply[4:], now)
	binary.LittleEndian.PutUint64(cookie.Reply[8:], cookieHash(&c.now, cookie.Client(), &cookie.Reply, client))
	return good
}

// cookieHash is RFC 9018, 4.4, over what the server cookie begins with.
func cookieHash(secret *[16]byte, client *[8]byte, server *[16]byte, addr geoip.Block) uint64 {
	var data [32]byte
	copy(data[:], client[:])
	copy(data[8:], server[:8])
	binary.BigEndian.PutUint64(data[16:], addr.Hi)
	if addr.V4 {
		return sipHash(secret, data[:20])
	}
	binary.BigEndian.PutUint64(data[24:], addr.Lo)
	return sipHash(secret, data[:])
}

// clock is the time in seconds. It is read at most once for the queries that come together, and only if one has a cookie.
type clock struct {
	read bool
	now  uint32
}

func (c *clock) seconds() uint32 {
	if !c.read {
		c.read, c.now = true, uint32(time.Now().Unix())
	}
	return c.now
}
