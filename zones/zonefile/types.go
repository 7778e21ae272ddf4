package zonefile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// parseType reads the name of a record type, in any case: MX, TYPE65400.
func parseType(text []byte) (uint16, error) {
	var upper [16]byte
	if len(text) > len(upper) {
		return 0, fmt.Errorf("unknown type %s", shorten(text))
	}
	for i, c := range text {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper[i] = c
	}
	name := upper[:len(text)]
	switch string(name) { // nearly all
	case "A":
		return typeA, nil
	case "AAAA":
		return typeAAAA, nil
	case "CNAME":
		return typeCNAME, nil
	}
	typ, ok := dns.StringToType[string(name)]
	if !ok && len(name) > 4 && string(name[:4]) == "TYPE" {
		n, isNumber := parseNumber(name[4:], 65535)
		typ, ok = uint16(n), isNumber
	}
	if !ok {
		typ, ok = octetsOnly[string(name)]
	}
	if !ok {
		return 0, fmt.Errorf("unknown type %q%s", text, foreignHint(string(name)))
	}
	if isMeta(typ) {
		return 0, fmt.Errorf("type %s is no data: it cannot stand in a zone", TypeText(typ))
	}
	return typ, nil
}

// octetsOnly are types that the DNS library does not know: their data can be given in the form of RFC 3597.
var octetsOnly = map[string]uint16{
	"WKS": 11, "NSAP": 22, "A6": 38, "SINK": 40, "DSYNC": 66, "HHIT": 67, "BRID": 68, "DOA": 259, "WALLET": 262, "CLA": 263, "IPN": 264,
}

// isMeta reports whether a type belongs to questions and transactions, not to zones (RFC 6895, 3.1).
func isMeta(typ uint16) bool {
	return typ == 0 || typ == dns.TypeOPT || typ == dns.TypeNXNAME || 128 <= typ && typ <= 255
}

// TypeText gives the mnemonic of a type, or TYPEnnn (RFC 3597, 5).
func TypeText(typ uint16) string {
	if name, ok := dns.TypeToString[typ]; ok && typ != 0 {
		return name
	}
	return fmt.Sprintf("TYPE%d", typ)
}

// dataTypes are the types that may be meant by a misspelled one.
func dataTypes() []string {
	var names []string
	for name, typ := range dns.StringToType {
		if !isMeta(typ) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return int(dns.StringToType[a]) - int(dns.StringToType[b])
	})
	return names
}

// checkClass accepts the Internet's class alone. isClass is false if text is no class at all.
func checkClass(text []byte) (isClass bool, err error) {
	if len(text) != 2 && (len(text) < 6 || len(text) > 16 || text[0]|0x20 != 'c') {
		return false, nil // neither IN, CH, HS, CS nor CLASS1
	}
	name := strings.ToUpper(string(text))
	class, ok := dns.StringToClass[name]
	if number, found := strings.CutPrefix(name, "CLASS"); !ok && found {
		n, isNumber := parseNumber([]byte(number), 65535)
		class, ok = uint16(n), isNumber
	}
	if !ok {
		return false, nil
	}
	if class != dns.ClassINET {
		return true, fmt.Errorf("class %s: only IN can be served", text)
	}
	return true, nil
}
