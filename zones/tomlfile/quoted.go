package tomlfile

import (
	"strconv"
	"strings"
)

// quoted reads any of TOML's four kinds of string. What it returns is right for the two that may be keys.
func (s *scanner) quoted() (text string, ok bool) {
	quote := s.text[s.at : s.at+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(s.text[s.at:], triple) {
		quote = triple
	}
	s.at += len(quote)
	start := s.at
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '\n':
			if len(quote) == 1 {
				return "", false
			}
			s.line++
		case c == '\\' && quote[0] == '"':
			s.at++
			if s.at < len(s.text) && s.text[s.at] == '\n' {
				s.line++
			}
		case strings.HasPrefix(s.text[s.at:], quote):
			text = s.text[start:s.at]
			s.at += len(quote)
			// Up to two quotes may stand before the closing three.
			for len(quote) == 3 && s.at < len(s.text) && s.text[s.at] == quote[0] {
				s.at++
			}
			if quote == `"` {
				text = unescape(text)
			}
			return text, true
		}
	}
	s.at = len(s.text)
	return "", false
}

// unescape decodes a basic string, whose escapes are Go's but for \e.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var out strings.Builder
	for text != "" {
		if strings.HasPrefix(text, `\e`) {
			out.WriteByte(0x1b)
			text = text[2:]
			continue
		}
		// \xHH is a code point in TOML and an octet in Go.
		if len(text) >= 4 && text[:2] == `\x` {
			text = `\u00` + text[2:]
		}
		r, _, rest, err := strconv.UnquoteChar(text, '"')
		if err != nil {
			return out.String() + text
		}
		out.WriteRune(r)
		text = rest
	}
	return out.String()
}
