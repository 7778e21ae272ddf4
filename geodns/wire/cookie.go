package wire

const (
	clientCookieLen = 8  // RFC 7873, 4
	serverCookieLen = 16 // of ours: RFC 9018, 4
	maxCookieLen    = 40 // RFC 7873, 4: a client cookie and the longest server cookie
)

// Cookie is the COOKIE option of a query (RFC 7873, 4), and the server cookie of the reply to it.
type Cookie struct {
	Present bool

	Reply [serverCookieLen]byte // to be filled in for AppendOPT

	raw [maxCookieLen]byte // the option's data as it came
	n   uint8
}

// read takes the option's data, and says whether it has a length that RFC 7873, 5.2.2 allows: of a client cookie, or of
// one and a server cookie. What a second one says does not matter.
func (c *Cookie) read(data []byte) bool {
	if len(data) != clientCookieLen && (len(data) < clientCookieLen+8 || len(data) > maxCookieLen) {
		return false
	}
	if !c.Present {
		c.Present, c.n = true, uint8(copy(c.raw[:], data))
	}
	return true
}

// Client is what the client chose.
func (c *Cookie) Client() *[clientCookieLen]byte { return (*[clientCookieLen]byte)(c.raw[:]) }

// HasServer says whether the client sent a server cookie, of whatever length.
func (c *Cookie) HasServer() bool { return c.n > clientCookieLen }

// Server is what the client says it was given by a server; nil: nothing that has the length of ours.
func (c *Cookie) Server() *[serverCookieLen]byte {
	if c.n != clientCookieLen+serverCookieLen {
		return nil
	}
	return (*[serverCookieLen]byte)(c.raw[clientCookieLen:])
}
