package zones

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
)

// recordText writes a record so that equal ones look alike.
func recordText(owner string, typ uint16, ttl uint32, data string) string {
	return fmt.Sprintf("%s %d %s %x", NameText([]byte(owner)), ttl, records.TypeText(typ), data)
}

var errNoRecord = errors.New("there is no record where one should be")

// readRecord reads the record at msg[at:], and says where it ends.
func readRecord(msg []byte, at int) (record string, end int, err error) {
	owner, from, err := readName(msg, at)
	if err != nil {
		return "", 0, errNoRecord
	}
	typ, data, end, err := readTyped(msg, at)
	if err != nil {
		return "", 0, err
	}
	return recordText(owner, typ, binary.BigEndian.Uint32(msg[from+4:]), data), end, nil
}

// readTyped reads the type and the data of the record at msg[at:], and says where it ends.
func readTyped(msg []byte, at int) (typ uint16, data string, end int, err error) {
	_, at, err = readName(msg, at)
	if err != nil || at+10 > len(msg) || binary.BigEndian.Uint16(msg[at+2:]) != 1 {
		return 0, "", 0, errNoRecord
	}
	typ = binary.BigEndian.Uint16(msg[at:])
	at, end = at+10, at+10+int(binary.BigEndian.Uint16(msg[at+8:]))
	if end > len(msg) {
		return 0, "", 0, errNoRecord
	}
	data, err = readData(msg[:end], at, typ)
	return typ, data, end, err
}

// readData reads the data of a record, with which msg ends. The names that may be compressed become whole, and
// those whose case tells no records apart are in lower case.
func readData(msg []byte, at int, typ uint16) (data string, err error) {
	fixed, names := 0, 0 // octets before the names in the data, and how many of these there are
	switch typ {
	case rr.TypeNS, rr.TypePTR:
		names = 1
	case rr.TypeSOA:
		names = 2
	case rr.TypeMX:
		fixed, names = 2, 1
	case rr.TypeSRV:
		fixed, names = 6, 1
	}
	if at+fixed > len(msg) {
		return "", errNoRecord
	}
	data = string(msg[at : at+fixed])
	at += fixed
	for range names {
		var name string
		if name, at, err = readName(msg, at); err != nil {
			return "", err
		}
		data += name
	}
	return data + string(msg[at:]), nil
}

// readName reads a name, and says where it ends.
func readName(msg []byte, at int) (name string, end int, err error) {
	text, end, err := dns.UnpackDomainName(msg, at)
	if err != nil {
		return "", 0, err
	}
	var wire [rr.MaxName + 1]byte
	n, err := dns.PackDomainName(strings.ToLower(text), wire[:], 0, nil, false)
	return string(wire[:n]), end, err
}

// hashedName is the owner of a name's NSEC3 record, in the zone that another such record is in.
func hashedName(name string, p *rr.HashParams, other string) string {
	text, _, _ := dns.UnpackDomainName([]byte(name), 0)
	label := strings.ToLower(dns.HashName(text, dns.SHA1, p.Iterations, hex.EncodeToString(p.Salt)))
	return string(rune(len(label))) + label + other[1+other[0]:]
}
