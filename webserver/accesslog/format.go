package accesslog

import (
	"net/netip"
	"strconv"
	"time"
	"unicode"
	"unicode/utf16"
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
	line = appendEscaped(line, q.Method, inHex)
	line = append(line, ' ')
	line = appendEscaped(line, q.URI, inHex)
	line = append(line, ' ')
	line = appendEscaped(line, q.Proto, inHex)
	line = append(line, `" `...)
	line = strconv.AppendInt(line, int64(r.Status), 10)
	line = append(line, ' ')
	line = strconv.AppendInt(line, r.Sent, 10)
	for _, text := range [...]string{q.Referer, q.UserAgent} {
		line = append(line, ` "`...)
		if text == "" {
			text = "-"
		}
		line = appendEscaped(line, text, inHex)
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
		line = appendEscaped(line, member.text, inJSON)
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

// longestField is the most octets that one field of a request takes in a line. What is longer is cut, and ends in "...".
const longestField = 2 << 10

// appendEscaped writes foreign text so that it can neither end its string nor its line, nor be shown as another. What is no
// text, and characters that cannot be seen (controls, those that turn the direction of text, other ends of lines), are escaped.
func appendEscaped(line []byte, text string, escape func(line []byte, char string) []byte) []byte {
	end := len(line) + longestField
	for i := 0; i < len(text); {
		clean := i
		for clean < len(text) && isClean(text[clean]) {
			clean++
		}
		if room := end - len(line); clean-i > room {
			return append(append(line, text[i:i+room]...), "..."...)
		}
		line = append(line, text[i:clean]...)
		if i = clean; i == len(text) {
			break
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		before, char := len(line), text[i:i+n]
		if n > 1 && r != utf8.RuneError && unicode.IsGraphic(r) {
			line = append(line, char...)
		} else {
			line = escape(line, char)
		}
		if len(line) > end {
			return append(line[:before], "..."...)
		}
		i += n
	}
	return line
}

// inHex escapes each octet, as Apache and nginx do.
func inHex(line []byte, char string) []byte {
	for i := range len(char) {
		line = appendHex(append(line, `\x`...), char[i])
	}
	return line
}

// inJSON escapes a character in UTF-16 (RFC 8259, 7), or an octet that is none by its number.
func inJSON(line []byte, char string) []byte {
	r, _ := utf8.DecodeRuneInString(char)
	if len(char) == 1 {
		r = rune(char[0])
	}
	for _, unit := range utf16.AppendRune(make([]uint16, 0, 2), r) {
		line = appendHex(append(line, `\u`...), byte(unit>>8), byte(unit))
	}
	return line
}

func appendHex(line []byte, octets ...byte) []byte {
	const digits = "0123456789abcdef"
	for _, c := range octets {
		line = append(line, digits[c>>4], digits[c&15])
	}
	return line
}

func isClean(c byte) bool { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' }
