package accesslog

import (
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"

	"tinycdn/geoip/inet"
	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
)

// clock remembers the text of the last second.
type clock struct {
	second int64
	text   []byte
}

func (c *clock) append(line []byte, t time.Time, layout string) []byte {
	if second := t.Unix(); second != c.second || c.text == nil {
		c.second = second
		c.text = t.UTC().AppendFormat(c.text[:0], layout)
	}
	return append(line, c.text...)
}

// appendCombined writes the line that Apache calls combined, which every tool reads.
func appendCombined(line []byte, q *page.Request, r *reply.Reply, c Config, now *clock) []byte {
	line = appendAddress(line, q.Client, c.Addresses)
	line = append(line, " - - ["...)
	line = now.append(line, r.Begin, "02/Jan/2006:15:04:05 -0700")
	line = append(line, `] "`...)
	line = appendEscaped(line, q.Method, `\x`)
	line = append(line, ' ')
	line = appendEscaped(line, q.URI, `\x`)
	line = append(line, ' ')
	line = appendEscaped(line, q.Proto, `\x`)
	line = append(line, `" `...)
	line = strconv.AppendInt(line, int64(r.Status), 10)
	line = append(line, ' ')
	line = strconv.AppendInt(line, r.Sent, 10)
	for _, text := range [...]string{q.Referer, q.UserAgent} {
		line = append(line, ` "`...)
		if text == "" {
			text = "-"
		}
		line = appendEscaped(line, text, `\x`)
		line = append(line, '"')
	}
	return append(line, '\n')
}

// appendJSON writes an object with a member for each of these; times are in microseconds.
func appendJSON(line []byte, q *page.Request, r *reply.Reply, c Config, now *clock) []byte {
	line = append(line, `{"time":"`...)
	line = now.append(line, r.Begin, time.RFC3339)
	line = append(line, `","client":"`...)
	line = appendAddress(line, q.Client, c.Addresses)
	line = append(line, '"')
	for _, member := range [...]struct{ name, text string }{
		{"site", r.Site}, {"host", r.Host}, {"method", q.Method}, {"uri", q.URI}, {"proto", q.Proto},
		{"cache", r.Cache.Result.String()}, {"referer", q.Referer}, {"agent", q.UserAgent},
	} {
		line = append(line, ',', '"')
		line = append(line, member.name...)
		line = append(line, `":"`...)
		line = appendEscaped(line, member.text, `\u00`)
		line = append(line, '"')
	}
	line = append(line, `,"status":`...)
	line = strconv.AppendInt(line, int64(r.Status), 10)
	line = append(line, `,"bytes":`...)
	line = strconv.AppendInt(line, r.Sent, 10)
	line = append(line, `,"gen_us":`...)
	line = strconv.AppendFloat(line, float64(r.Took.Nanoseconds())/1000, 'f', 1, 64)
	return append(line, '}', '\n')
}

// appendAddress writes the client, by default only as the network it is in: enough for statistics, and nobody is known by it.
func appendAddress(line []byte, client netip.Addr, how string) []byte {
	client = inet.Plain(client)
	if how == "none" || !client.IsValid() {
		return append(line, '-')
	}
	if how != "full" {
		bits := 24
		if client.Is6() {
			bits = 48
		}
		client = netip.PrefixFrom(client, bits).Masked().Addr()
	}
	return client.AppendTo(line)
}

// appendEscaped writes foreign text so that it can neither end its string nor its line. Bytes that are no text, or
// control characters, are written in hexadecimal behind the mark.
func appendEscaped(line []byte, text, mark string) []byte {
	const digits = "0123456789abcdef"
	for i := 0; i < len(text); {
		clean := i
		for clean < len(text) && isClean(text[clean]) {
			clean++
		}
		line = append(line, text[i:clean]...)
		if i = clean; i == len(text) {
			break
		}
		c := text[i]
		if r, n := utf8.DecodeRuneInString(text[i:]); c >= 0x80 && r >= 0xa0 && r != utf8.RuneError {
			line = append(line, text[i:i+n]...)
			i += n
			continue
		}
		line = append(line, mark...)
		line = append(line, digits[c>>4], digits[c&15])
		i++
	}
	return line
}

func isClean(c byte) bool { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' }
