package querylog

import (
	"net/netip"
	"strconv"
	"time"

	"tinycdn/geodns/wire"
)

// lines makes lines of records, one after the other.
type lines struct {
	config *Config
	query  wire.Query
	second int64
	text   []byte // of that second
}

// append appends an object with a member for each of these. What a query or an answer does not have is left out.
func (l *lines) append(line []byte, r *record) []byte {
	q := &l.query
	wire.Parse(r.query, q)
	line = append(line, `{"time":"`...)
	line = l.appendTime(line, r.begin)
	line = append(line, `","client":"`...)
	line = r.client.Addr().AppendTo(line)
	line = append(line, `","port":`...)
	line = strconv.AppendUint(line, uint64(r.client.Port()), 10)
	if r.to&overTCP != 0 {
		line = append(line, `,"transport":"tcp"`...)
	} else {
		line = append(line, `,"transport":"udp"`...)
	}
	if q.QuestionEnd > 0 {
		line = append(line, `,"name":"`...)
		line = appendName(line, q.Name[:q.NameLen])
		line = append(line, `","type":"`...)
		line = l.appendType(line, q.Type)
		line = append(line, '"')
		if q.Class != wire.ClassIN {
			line = append(line, `,"class":`...)
			line = strconv.AppendUint(line, uint64(q.Class), 10)
		}
	}
	if q.Subnet.Present {
		line = append(line, `,"ecs":"`...)
		line = prefixOf(&q.Subnet).AppendTo(line)
		line = append(line, '"')
	}
	line = l.appendReply(line, r.reply)
	line = append(line, `,"us":`...)
	line = strconv.AppendFloat(line, float64(r.sent-r.begin)/1000, 'f', 1, 64)
	return append(line, '}', '\n')
}

// appendReply appends what the reply tells, none being silence.
func (l *lines) appendReply(line, reply []byte) []byte {
	told, ok := wire.ReadReply(reply)
	if told.HasSubnet {
		line = append(line, `,"scope":`...)
		line = strconv.AppendUint(line, uint64(told.Scope), 10)
	}
	line = append(line, `,"rcode":"`...)
	if ok {
		line = append(line, l.config.Rcode(told.Rcode)...)
	} else {
		line = append(line, "silence"...)
	}
	line = append(line, '"')
	if told.Truncated {
		line = append(line, `,"tc":true`...)
	}
	if told.First.IsValid() && l.config.POP != nil {
		if pop := l.config.POP(told.First); pop != "" {
			line = append(line, `,"pop":"`...)
			line = appendText(line, pop)
			line = append(line, '"')
		}
	}
	line = append(line, `,"octets":`...)
	return strconv.AppendInt(line, int64(len(reply)), 10)
}

// appendTime appends a time to the microsecond (RFC 3339).
func (l *lines) appendTime(line []byte, nanoseconds int64) []byte {
	if second := nanoseconds / 1e9; second != l.second || l.text == nil {
		l.second = second
		l.text = time.Unix(second, 0).UTC().AppendFormat(l.text[:0], "2006-01-02T15:04:05")
	}
	line = append(line, l.text...)
	micro := strconv.AppendInt(line, 1_000_000+nanoseconds%1e9/1000, 10) // "1" and six digits
	micro[len(line)] = '.'
	return append(micro, 'Z')
}

// appendType appends a type's name, or TYPE and its number (RFC 3597, 5).
func (l *lines) appendType(line []byte, typ uint16) []byte {
	if name := l.config.Type(typ); name != "" {
		return append(line, name...)
	}
	return strconv.AppendUint(append(line, "TYPE"...), uint64(typ), 10)
}

// prefixOf is the client subnet as people write it. Family 0 says nothing of the client: it is as all of IPv4.
func prefixOf(s *wire.Subnet) netip.Prefix {
	var octets [16]byte
	for i := range 8 {
		octets[i], octets[8+i] = byte(s.Hi>>(56-8*i)), byte(s.Lo>>(56-8*i))
	}
	if s.Family == wire.FamilyIPv6 {
		return netip.PrefixFrom(netip.AddrFrom16(octets), int(s.Source))
	}
	return netip.PrefixFrom(netip.AddrFrom4([4]byte(octets[:4])), int(s.Source))
}

// appendName appends a name in wire form as a zone file has it (RFC 1035, 5.1), without the dot at its end: what is no letter, digit
// or other visible character of ASCII is \DDD. So it is within a string of JSON, where a backslash is two.
func appendName(line, name []byte) []byte {
	if len(name) <= 1 {
		return append(line, '.')
	}
	for at := 0; name[at] != 0; at += 1 + int(name[at]) {
		if at > 0 {
			line = append(line, '.')
		}
		for _, c := range name[at+1 : at+1+int(name[at])] {
			switch {
			case c <= ' ' || c >= 0x7f:
				line = append(line, '\\', '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
			case c == '\\':
				line = append(line, `\\\\`...)
			case c == '"':
				line = append(line, `\\\"`...)
			case c == '.' || c == ';' || c == '(' || c == ')' || c == '@' || c == '$':
				line = append(line, '\\', '\\', c)
			default:
				line = append(line, c)
			}
		}
	}
	return line
}

// appendText appends a text of our own within a string of JSON.
func appendText(line []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ' || c == 0x7f:
			line = append(line, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		case c == '"' || c == '\\':
			line = append(line, '\\', c)
		default:
			line = append(line, c)
		}
	}
	return line
}
