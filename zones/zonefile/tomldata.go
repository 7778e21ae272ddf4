package zonefile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// buildData makes RDATA of a string in presentation format.
func (t *tomlReader) buildData(typ uint16, text string) error {
	b := &t.rdata
	if (typ == typeTXT || typ == typeSPF) && !strings.HasPrefix(text, `"`) && !strings.HasPrefix(text, `\#`) {
		return b.plainText(text)
	}
	text, semicolons := escapeSemicolons(text)
	t.data.reset(strings.NewReader(text))
	if ok, err := t.data.next(); err != nil {
		return err
	} else if !ok {
		return errors.New("has no data")
	}
	if isOneText := (typ == dns.TypeCAA || typ == dns.TypeURI) && len(t.data.words) == 3; semicolons && !isOneText {
		return errSemicolon
	}
	b.text, b.words, b.origin = t.data.text, t.data.words, t.zone.Origin
	if err := b.build(typ); err != nil {
		return err
	}
	if ok, _ := t.data.next(); ok {
		return errors.New("more than one line: each record is a string of its own, in a list")
	}
	return nil
}

var errSemicolon = errors.New(`a ; outside of quotes: put the text in quotes, like '0 issue "ca.example; x=y"' (a comment begins with # after the string)`)

// escapeSemicolons makes every ; outside of quotes a part of its word. In a master file it would begin a comment;
// in a TOML string there are none, and what follows must not be lost.
func escapeSemicolons(text string) (escaped string, any bool) {
	if !strings.Contains(text, ";") {
		return text, false
	}
	var out strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			out.WriteByte(c)
			i++
		case c == '"':
			quoted = !quoted
		case c == ';' && !quoted:
			out.WriteByte('\\')
			any = true
		}
		out.WriteByte(text[i])
	}
	return out.String(), any
}

// plainText makes TXT data of a text without quotes of its own, in pieces of 255 octets. Its escapes are those of any zone file.
func (b *builder) plainText(text string) error {
	b.reset()
	length := len(b.data)
	b.data = append(b.data, 0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' {
			octet, used, err := unescape([]byte(text[i:min(i+4, len(text))]))
			if err != nil {
				return fmt.Errorf("text %s %v (a \\ itself is written \\\\)", shorten([]byte(text)), err)
			}
			c = octet
			i += used - 1
		}
		if b.data[length] == 255 {
			length = len(b.data)
			b.data = append(b.data, 0)
		}
		b.data = append(b.data, c)
		b.data[length]++
	}
	if len(b.data) > maxData {
		return fmt.Errorf("has %d octets of data; the most is %d", len(b.data), maxData)
	}
	return nil
}
