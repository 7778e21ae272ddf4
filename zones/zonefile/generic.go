package zonefile

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"tinycdn/zones/rr"
)

// generic lets the DNS library parse the words. It is given them on one line, because it joins what a line end divides,
// and a root owner, because a name it does not show cannot confuse it.
func (b *builder) generic(typ uint16) (err error) {
	defer guard(&err)
	if _, known := dns.TypeToRR[typ]; !known {
		return fmt.Errorf(`can be written as octets only: TYPE%d \# LENGTH HEX (RFC 3597)`, typ)
	}
	words := make([]string, len(b.words))
	for i, w := range b.words {
		words[i] = plainEscapes.Replace(string(b.text[w.start:w.end]))
		if w.quoted {
			words[i] = `"` + words[i] + `"`
		}
	}
	spellOut(typ, words)
	line := fmt.Sprintf(". 0 IN %s %s\n", TypeText(typ), strings.Join(words, " "))
	b.words = nil

	parser := dns.NewZoneParser(strings.NewReader(line), dns.Fqdn(rr.NameText(b.origin)), "")
	rr, ok := parser.Next()
	if err := parser.Err(); err != nil {
		return libraryError(err)
	}
	if !ok {
		return errors.New("has no data")
	}
	if rr.Header().Rrtype != typ {
		return fmt.Errorf("is not a record of type %s", TypeText(typ))
	}
	if err := b.pack(rr); err != nil {
		return err
	}
	b.odd = oddity(rr)
	return validate(rr)
}

// plainEscapes writes by number what the library's lexer misreads. What it must not touch comes first: \\ is a pair.
var plainEscapes = strings.NewReplacer(`\\`, `\\`, `\ `, `\032`, "\\\t", `\009`, `\;`, `\059`, `\(`, `\040`, `\)`, `\041`)

// pack puts the RDATA of rr into b.data, and makes sure that it can be read back.
func (b *builder) pack(rr dns.RR) error {
	if b.packed == nil {
		b.packed = make([]byte, maxData+300) // the RDATA and a header with a short name
	}
	end, err := dns.PackRR(rr, b.packed, 0, nil, false)
	if err != nil {
		return libraryError(err)
	}
	_, used, err := dns.UnpackRR(b.packed[:end], 0)
	if err != nil || used != end {
		return errors.New("has data that is broken")
	}
	b.data = append(b.data, b.packed[headerSize:end]...)
	return nil
}

// headerSize is what stands before the RDATA of a record of the root: name, type, class, TTL, length.
const headerSize = 1 + 2 + 2 + 4 + 2

// unknown reads \# LENGTH HEX, which any type may be written as (RFC 3597, 5).
func (b *builder) unknown(typ uint16) error {
	b.words = b.words[1:]
	text, err := b.unquoted("length")
	if err != nil {
		return err
	}
	length, ok := parseNumber(text, maxData)
	if !ok {
		return fmt.Errorf(`\# length %q is not a number from 0 to 65535`, text)
	}
	var digits []byte
	for len(b.words) > 0 {
		if text, err = b.unquoted("data"); err != nil {
			return err
		}
		digits = append(digits, text...)
	}
	data := make([]byte, hex.DecodedLen(len(digits)))
	if _, err := hex.Decode(data, digits); err != nil {
		return errors.New(`\# data is not hexadecimal digits in pairs`)
	}
	if len(data) != int(length) {
		return fmt.Errorf(`\# data is %d octets, but %d are announced`, len(data), length)
	}
	b.data = append(b.data, data...)
	return checkKnown(typ, data)
}

// checkKnown holds RDATA that was written as octets to the form of its type. Unpacking and packing again must give the same;
// a compressed name would not.
func checkKnown(typ uint16, data []byte) (err error) {
	defer guard(&err)
	if _, known := dns.TypeToRR[typ]; !known {
		return nil
	}
	broken := fmt.Errorf("has data that is not of type %s", TypeText(typ))
	header := dns.RR_Header{Name: ".", Rrtype: typ, Class: dns.ClassINET, Rdlength: uint16(len(data))}
	rr, used, err := dns.UnpackRRWithHeader(header, data, 0)
	if err != nil || used != len(data) {
		return broken
	}
	packed := make([]byte, len(data)+300)
	end, err := dns.PackRR(rr, packed, 0, nil, false)
	if err != nil || !bytes.Equal(packed[headerSize:end], data) {
		return broken
	}
	// Data that ends between two fields unpacks, with nothing in the rest of them; but it cannot be written as text.
	if _, err := dns.NewRR(rr.String()); err != nil || len(data) == 0 && typ != dns.TypeNULL && typ != dns.TypeAPL {
		return broken
	}
	return validate(rr)
}

// guard turns a panic of the DNS library into an error: odd data costs its record, not the process.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("has data that the DNS library cannot read: %v", r)
	}
}

// libraryError cuts a message of the DNS library down to what went wrong.
func libraryError(err error) error {
	text := strings.TrimPrefix(err.Error(), "dns: ")
	if cut := strings.LastIndex(text, " at line: "); cut >= 0 {
		text = text[:cut]
	}
	if strings.HasPrefix(text, ": ") { // the library lost its reason on the way
		return errors.New("has data that is broken")
	}
	return errors.New(strings.TrimPrefix(text, "encoding/hex: "))
}
