package h3

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"tinycdn/webserver/page"
)

// frameRoom is what stands before a packed header: the type of its frame, a length of two octets, and the prefix of a block that
// needs no dynamic table (RFC 9204, 4.5.1).
const frameRoom = 1 + 2 + 2

// writeHead writes all of an answer that stands before its body; false: it is too long for that. Each field is packed by itself, by
// the static table alone: that takes less than half a microsecond, and a page need not hold itself packed in one more form.
func (x *Exchange) writeHead(date []byte) bool {
	r := &x.reply
	b := append(x.head[:0], make([]byte, frameRoom)...)
	b = appendStatus(b, r.Status)
	b = append(b, date...)
	for _, head := range [...]*page.Head{r.Heads.Site, r.Heads.Outcome, r.Heads.Timing, r.Heads.Page} {
		b = appendHead(b, head)
	}
	size := len(b) - frameRoom + 2
	if x.head = b; size >= 1<<14 {
		x.head = nil // it is not kept
		return false
	}
	b[0], b[1], b[2] = headersFrame, 0x40|byte(size>>8), byte(size)
	if len(r.Body) > 0 {
		x.head = appendSize(append(b, dataFrame), len(r.Body))
	}
	return true
}

func appendHead(b []byte, h *page.Head) []byte {
	for i := range h.Fields {
		for _, value := range h.Fields[i].Values {
			b = appendField(b, h.Fields[i].Name, value)
		}
	}
	return b
}

// appendField packs a field, whose name is in canonical form, without Huffman's code: to save a sixth of a header is not worth the time.
func appendField(b []byte, name, value string) []byte {
	known, ok := names[name]
	if ok {
		for _, whole := range known.whole {
			if whole.value == value {
				return appendNumber(b, 0xc0, 6, whole.at) // RFC 9204, 4.5.2
			}
		}
		b = appendNumber(b, 0x50, 4, known.at) // RFC 9204, 4.5.4
	} else {
		b = appendNumber(b, 0x20, 3, len(name)) // RFC 9204, 4.5.6
		for i := range len(name) {
			c := name[i]
			if c >= 'A' && c <= 'Z' { // RFC 9114, 4.2
				c |= 0x20
			}
			b = append(b, c)
		}
	}
	b = appendNumber(b, 0, 7, len(value))
	return append(b, value...)
}

// appendStatus packs the status of an answer (RFC 9114, 4.3.2).
func appendStatus(b []byte, status int) []byte {
	switch status {
	case http.StatusOK:
		return append(b, 0xc0|25)
	case http.StatusNotModified:
		return append(b, 0xc0|26)
	}
	digits := strconv.AppendInt(make([]byte, 0, 3), int64(status), 10)
	b = appendNumber(b, 0x50, 4, 25)
	b = appendNumber(b, 0, 7, len(digits))
	return append(b, digits...)
}

// appendNumber writes an integer into the lowest bits of an octet, and behind it (RFC 7541, 5.1).
func appendNumber(b []byte, first byte, bits, n int) []byte {
	most := 1<<bits - 1
	if n < most {
		return append(b, first|byte(n))
	}
	b = append(b, first|byte(most))
	for n -= most; n >= 0x80; n >>= 7 {
		b = append(b, 0x80|byte(n))
	}
	return append(b, byte(n))
}

// known is a name of the static table: where it is first, and where with which values.
type known struct {
	at    int
	whole []whole
}

type whole struct {
	value string
	at    int
}

// names are those of the static table, in canonical form.
var names = func() map[string]*known {
	all := map[string]*known{}
	for at, field := range static {
		name := http.CanonicalHeaderKey(string(field.name))
		k := all[name]
		if k == nil {
			k = &known{at: at}
			all[name] = k
		}
		k.whole = append(k.whole, whole{string(field.value), at})
	}
	return all
}()

// clock packs the time once a second, as Date has it (RFC 9110, 6.6.1). Its zero value is ready.
type clock struct{ last atomic.Pointer[second] }

type second struct {
	unix  int64
	field []byte
}

func (c *clock) date(now time.Time) []byte {
	last := c.last.Load()
	if last == nil || last.unix != now.Unix() {
		last = &second{now.Unix(), appendField(nil, "Date", now.UTC().Format(http.TimeFormat))}
		c.last.Store(last)
	}
	return last.field
}
