package zonefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"tinycdn/zones/rr"
)

// The types whose RDATA is parsed here. They are nearly all of what zones hold; the others go to the DNS library (generic.go).
const (
	typeA     = rr.TypeA
	typeNS    = rr.TypeNS
	typeCNAME = rr.TypeCNAME
	typeSOA   = rr.TypeSOA
	typePTR   = rr.TypePTR
	typeHINFO = rr.TypeHINFO
	typeMX    = rr.TypeMX
	typeTXT   = rr.TypeTXT
	typeAAAA  = rr.TypeAAAA
	typeLOC   = rr.TypeLOC
	typeSRV   = rr.TypeSRV
	typeNAPTR = rr.TypeNAPTR
	typeDNAME = rr.TypeDNAME
	typeAPL   = rr.TypeAPL
	typeSPF   = rr.TypeSPF
)

const maxData = 65535

// builder turns words into RDATA. What it holds is used again for the next record.
type builder struct {
	text   []byte // the words index into this
	words  []word // not used up yet
	origin []byte // for relative names
	data   []byte
	odd    string // what may not be meant, though it is no mistake; ""

	packed []byte // scratch of generic.go
}

// reset begins with the next record.
func (b *builder) reset() { b.data, b.odd = b.data[:0], "" }

// build makes the RDATA of a record of the given type from all the words.
func (b *builder) build(typ uint16) error {
	b.reset()
	if len(b.words) == 0 && typ != typeAPL {
		return errors.New("has no data")
	}
	if len(b.words) > 0 && !b.words[0].quoted && string(b.peek()) == `\#` {
		return b.unknown(typ)
	}
	if err := b.fields(typ); err != nil {
		return err
	}
	if len(b.words) > 0 {
		return fmt.Errorf("has %q after its data", b.peek())
	}
	if len(b.data) > maxData {
		return fmt.Errorf("has %d octets of data; the most is %d", len(b.data), maxData)
	}
	return nil
}

func (b *builder) fields(typ uint16) (err error) {
	switch typ {
	case typeA, typeAAAA:
		err = b.address(typ)
	case typeNS, typeCNAME, typePTR, typeDNAME:
		err = b.name("target")
	case typeMX:
		if err = b.numbers("preference"); err == nil {
			err = b.name("mail server")
		}
	case typeSRV:
		if err = b.numbers("priority", "weight", "port"); err == nil {
			err = b.name("target")
		}
	case typeTXT, typeSPF:
		for len(b.words) > 0 && err == nil {
			err = b.characterString()
		}
	case typeHINFO:
		err = b.texts("CPU", "operating system")
	case typeNAPTR:
		err = b.naptr()
	case typeAPL:
		err = b.prefixes()
	case typeSOA:
		err = b.soa()
	case typeLOC:
		err = b.location()
	default:
		err = b.generic(typ)
	}
	return err
}

func (b *builder) soa() error {
	if err := b.soaName("primary server"); err != nil {
		return err
	}
	if err := b.soaName("mailbox"); err != nil {
		return err
	}
	text, err := b.unquoted("serial")
	if err != nil {
		return err
	}
	serial, ok := parseNumber(text, 1<<32-1)
	if !ok {
		return fmt.Errorf("serial %q is not a number from 0 to 4294967295", text)
	}
	b.data = binary.BigEndian.AppendUint32(b.data, uint32(serial))
	for _, what := range []string{"refresh", "retry", "expire", "minimum"} {
		text, err := b.unquoted(what)
		if err != nil {
			return err
		}
		seconds, err := parseTime(text)
		if err != nil {
			return fmt.Errorf("%s %q is not a time in seconds", what, text)
		}
		b.data = binary.BigEndian.AppendUint32(b.data, seconds)
	}
	return nil
}

// naptr takes texts without quotes too, as all nameservers do (RFC 3403, 4.1).
func (b *builder) naptr() error {
	if err := b.numbers("order", "preference"); err != nil {
		return err
	}
	if err := b.texts("flags", "services", "regular expression"); err != nil {
		return err
	}
	return b.name("replacement")
}

// peek is the next word as it stands.
func (b *builder) peek() []byte { return b.text[b.words[0].start:b.words[0].end] }

// unquoted takes a word that may not stand in quotes.
func (b *builder) unquoted(what string) ([]byte, error) {
	if len(b.words) == 0 {
		return nil, fmt.Errorf("has no %s", what)
	}
	text := b.peek()
	if b.words[0].quoted {
		return nil, fmt.Errorf("%s %q stands in quotes", what, text)
	}
	b.words = b.words[1:]
	return text, nil
}

func (b *builder) name(what string) error {
	text, err := b.unquoted(what)
	if err != nil {
		return err
	}
	if b.data, err = appendName(b.data, text, b.origin); err != nil {
		return fmt.Errorf("%s %q %v", what, text, err)
	}
	if isAddress(text) && !isReverse(b.origin) {
		b.odd = fmt.Sprintf("%s %q is an address: the name of a host belongs here", what, text)
	}
	return nil
}

// soaName takes one of the two names of an SOA, which stands at the zone's own name.
func (b *builder) soaName(what string) error {
	var text []byte
	if len(b.words) > 0 {
		text = b.peek()
	}
	start := len(b.data)
	if err := b.name(what); err != nil {
		return err
	}
	if odd := doubled(text, b.data[start:], b.origin, len(b.origin)); odd != "" {
		b.odd = fmt.Sprintf("%s %s %s", what, text, odd)
	}
	if what == "mailbox" && bytes.IndexByte(text, '@') > 0 { // RFC 1035, 8: the @ is written as a dot
		b.odd = fmt.Sprintf("mailbox %q has an @: write %s", text, mailbox(string(text)))
	}
	return nil
}

// numbers takes a number of 16 bits for each of the things they say.
func (b *builder) numbers(things ...string) error {
	for _, what := range things {
		text, err := b.unquoted(what)
		if err != nil {
			return err
		}
		n, ok := parseNumber(text, 1<<16-1)
		if !ok {
			return fmt.Errorf("%s %q is not a number from 0 to 65535", what, text)
		}
		b.data = binary.BigEndian.AppendUint16(b.data, uint16(n))
	}
	return nil
}

func parseNumber(text []byte, most uint64) (uint64, bool) {
	n, err := strconv.ParseUint(string(text), 10, 64)
	return n, err == nil && n <= most
}

// characterString takes a word as a text of at most 255 octets with its length in front (RFC 1035, 3.3).
func (b *builder) characterString() error {
	text, quoted := b.peek(), b.words[0].quoted
	b.words = b.words[1:]
	length := len(b.data)
	b.data = append(b.data, 0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '"' && !quoted {
			return fmt.Errorf("text %s has quotes inside a word: put all of it in quotes", shorten(text))
		}
		if c == '\\' {
			octet, used, err := unescape(text[i:])
			if err != nil {
				return fmt.Errorf("text %s %v", shorten(text), err)
			}
			c = octet
			i += used - 1
		}
		b.data = append(b.data, c)
	}
	size := len(b.data) - length - 1
	if size > 255 {
		return fmt.Errorf("text %s is %d octets long; the most is 255: make it several texts in quotes", shorten(text), size)
	}
	b.data[length] = byte(size)
	return nil
}

// texts takes a character-string for each of the things they say.
func (b *builder) texts(things ...string) error {
	for _, what := range things {
		if len(b.words) == 0 {
			return errors.New("has no " + what)
		}
		if err := b.characterString(); err != nil {
			return err
		}
	}
	return nil
}

// shorten quotes text, of a length fit for a message.
func shorten(text []byte) string {
	if len(text) > 40 {
		return strconv.Quote(string(text[:40])) + "..."
	}
	return strconv.Quote(string(text))
}
