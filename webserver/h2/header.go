package h2

import (
	"golang.org/x/net/http2/hpack"
)

// header is what a client says in HEADERS and CONTINUATION (RFC 9113, 6.2 and 6.10), and the table of its decoder. Every block
// is decoded, whatever becomes of its stream: the next ones build on it (RFC 9113, 4.3).
type header struct {
	decoder *hpack.Decoder
	most    int                 // octets of fields
	fields  []hpack.HeaderField // of the block that was read last
	size    int                 // octets of them, as RFC 9113, 6.5.2 counts

	id        uint32 // of the stream whose block is not there completely; 0: there is none
	block     []byte // what is there of it
	last      bool   // END_STREAM
	self      bool   // it depends on itself
	continued int    // frames
}

// tableSize is that of the decoder's table, which we say nothing else of (RFC 9113, 6.5.2).
const tableSize = 4 << 10

func (h *header) init(most int) {
	h.most = most
	h.decoder = hpack.NewDecoder(tableSize, h.take)
	h.decoder.SetMaxStringLength(longestBlock)
}

func (h *header) open() bool { return h.id != 0 }

// forget drops what was read.
func (h *header) forget() {
	clear(h.fields)
	h.fields = h.fields[:0]
	if !h.open() {
		h.block = nil
	}
}

// take is the decoder's. Beyond what a header may have nothing is kept, though all is decoded: the table has to be as the
// client thinks it is.
func (h *header) take(f hpack.HeaderField) {
	const each = 32 // RFC 9113, 6.5.2
	if h.size += len(f.Name) + len(f.Value) + each; h.size > h.most {
		h.decoder.SetEmitEnabled(false)
		return
	}
	h.fields = append(h.fields, f)
}

// decode reads a block.
func (h *header) decode(block []byte) error {
	h.fields, h.size = h.fields[:0], 0
	h.decoder.SetEmitEnabled(true)
	if _, err := h.decoder.Write(block); err != nil {
		return compressionError
	}
	if h.decoder.Close() != nil {
		return compressionError
	}
	return nil
}

func (h *header) tooLarge() bool { return h.size > h.most }

// headers begins a header.
func (c *conn) headers(h head, payload []byte) error {
	block, ok := cutPadding(h, payload)
	if !ok || h.id == 0 {
		return protocolError
	}
	own := false
	if h.has(flagPriority) {
		if len(block) < 5 {
			return frameSizeError
		}
		own, block = dependsOnItself(h.id, block), block[5:]
	}
	c.header.id, c.header.last, c.header.self, c.header.continued = h.id, h.has(flagEndStream), own, 0
	if h.has(flagEndHeaders) {
		return c.whole(block)
	}
	c.header.block = append(c.header.block[:0], block...)
	return nil
}

// continuation goes on with it.
func (c *conn) continuation(h head, payload []byte) error {
	if !c.header.open() {
		return protocolError
	}
	c.header.continued++
	if c.header.continued > mostContinuations || len(c.header.block)+len(payload) > longestBlock {
		return enhanceYourCalm
	}
	c.header.block = append(c.header.block, payload...)
	if h.has(flagEndHeaders) {
		return c.whole(c.header.block)
	}
	return nil
}

// whole takes a header that is complete: it begins a stream, or ends what is sent on one (RFC 9113, 8.1).
func (c *conn) whole(block []byte) error {
	id := c.header.id
	c.header.id = 0
	if err := c.header.decode(block); err != nil {
		return err
	}
	if id%2 == 0 {
		return protocolError // RFC 9113, 5.1.1
	}
	if s := c.find(id); s != nil {
		return c.trailer(s)
	}
	if id <= c.last {
		return protocolError // RFC 9113, 5.1.1: it is over, as net/http has it
	}
	if c.leaving {
		return nil // RFC 9113, 6.8: it will be asked elsewhere
	}
	c.last = id
	return c.begin(id)
}

// trailer is what a client says at the end of what he sends. The lane judges it.
func (c *conn) trailer(s *stream) error {
	switch {
	case s.page != nil: // all was said
		c.reset(s, streamClosed)
	case s.answered: // nobody listens any more
	default:
		c.lane.passHeader(s.id, c.header.fields, c.header.last)
		s.heard = s.heard || c.header.last
	}
	return nil
}

// begin begins a stream.
func (c *conn) begin(id uint32) error {
	switch {
	case len(c.streams) >= c.server.config.Streams:
		if !c.resets.take(resetsAtOnce, resetsPerSecond) {
			return enhanceYourCalm
		}
		c.refuse(id, refusedStream) // RFC 9113, 5.1.2
		return nil
	case c.header.self:
		c.refuse(id, protocolError)
		return nil
	}
	if !c.busy {
		c.tell(true)
	}
	if c.header.tooLarge() {
		c.answerTooLarge(id)
		return nil
	}
	if c.header.last && c.request.read(c.header.fields, &c.base) && c.answer(id) {
		return nil
	}
	return c.below(id)
}
