package reply

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"tinycdn/webserver/page"
)

// mostRanges is how many ranges one request may ask for. Players and download managers ask for one or two; what asks
// for more, or for more bytes than there are, gets the whole (RFC 9110, 14.2: a server may ignore Range).
const mostRanges = 8

// Heeds says whether a Range field of a GET counts for a body of some size; else the whole is to be sent (RFC 9110, 14.2).
func Heeds(field string, size int64) bool {
	spans, ok := rangesOf(field, int(size))
	return spans != nil || !ok
}

// span is a part of a body.
type span struct{ start, end int } // end is behind the last byte

func (s span) contentRange(size int) string {
	b := append(make([]byte, 0, 48), "bytes "...)
	b = strconv.AppendInt(b, int64(s.start), 10)
	b = append(b, '-')
	b = strconv.AppendInt(b, int64(s.end-1), 10)
	b = append(b, '/')
	return string(strconv.AppendInt(b, int64(size), 10))
}

// rangesOf reads a Range field for a body of some size (RFC 9110, 14.1.2). No spans and ok: there is nothing to
// heed, send the whole. Not ok: none of the ranges can be satisfied.
func rangesOf(field string, size int) (spans []span, ok bool) {
	const unit = "bytes="
	if len(field) < len(unit) || !strings.EqualFold(field[:len(unit)], unit) || size == 0 {
		return nil, true
	}
	count, sum := 0, 0
	for item := range strings.SplitSeq(field[len(unit):], ",") {
		item = strings.Trim(item, " \t")
		if item == "" {
			continue
		}
		if count++; count > mostRanges {
			return nil, true
		}
		s, valid := spanOf(item, size)
		if !valid {
			return nil, true
		}
		if s.start < s.end {
			spans = append(spans, s)
			sum += s.end - s.start
		}
	}
	switch {
	case count == 0 || sum > size:
		return nil, true
	case len(spans) == 0:
		return nil, false
	}
	return spans, true
}

// spanOf reads "0-499", "500-" or "-500". A valid one that lies outside of the body is empty.
func spanOf(item string, size int) (s span, valid bool) {
	first, last, ok := strings.Cut(item, "-")
	if !ok || first == "" && last == "" {
		return span{}, false
	}
	if first == "" {
		n, valid := number(last)
		return span{max(0, size-n), size}, valid
	}
	start, valid := number(first)
	if !valid {
		return span{}, false
	}
	end := size
	if last != "" {
		n, valid := number(last)
		if !valid || n < start {
			return span{}, false
		}
		if n < size {
			end = n + 1
		}
	}
	return span{min(start, size), end}, true
}

// number reads digits. What is too large for any body is the largest number.
func number(digits string) (int, bool) {
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return math.MaxInt, true
	}
	return n, true
}

// wantsRange says whether a Range field counts: If-Range must name exactly what we have (RFC 9110, 13.1.5).
func wantsRange(q *page.Request, p *page.Page, v *page.Variant) bool {
	switch {
	case q.IfRange == "":
		return true
	case strings.HasSuffix(q.IfRange, `"`):
		return q.IfRange == v.ETag && !strings.HasPrefix(v.ETag, "W/")
	}
	t, ok := date(q.IfRange)
	return ok && !p.Modified.IsZero() && t.Equal(p.Modified)
}

// boundary stands between the parts of a body that has several (RFC 9110, 15.3.7.2).
const (
	boundary  = "tinycdn-part-5c1d7a0e93f24b68"
	partsType = "multipart/byteranges; boundary=" + boundary
	lastLine  = "\r\n--" + boundary + "--\r\n"
)

// headsOf gives what stands before each part. The parts themselves are not copied: a client that reads slowly would keep
// the copy in memory.
func headsOf(spans []span, size int, mediaType string) (heads [][]byte) {
	for _, s := range spans {
		heads = append(heads, fmt.Appendf(nil, "\r\n--%s\r\nContent-Type: %s\r\nContent-Range: %s\r\n\r\n", boundary, mediaType, s.contentRange(size)))
	}
	return heads
}
