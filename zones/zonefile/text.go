package zonefile

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// DataText writes the RDATA of a record as it stands in a zone file. Whatever is in it, it is printable and in one line.
func DataText(typ uint16, data []byte) string {
	header := binary.BigEndian.AppendUint16([]byte{0}, typ)
	header = append(header, 0, dns.ClassINET, 0, 0, 0, 0)
	record, _, err := dns.UnpackRR(append(binary.BigEndian.AppendUint16(header, uint16(len(data))), data...), 0)
	if _, known := dns.TypeToString[typ]; err != nil || !known {
		return strings.TrimSpace(fmt.Sprintf(`\# %d %x`, len(data), data)) // RFC 3597, 5
	}
	text := strings.TrimPrefix(record.String(), record.Header().String())
	var plain strings.Builder
	for _, c := range []byte(text) {
		if c < ' ' || c >= 0x7f {
			fmt.Fprintf(&plain, `\%03d`, c)
		} else {
			plain.WriteByte(c)
		}
	}
	return plain.String()
}

// RelativeText writes a name in wire form as it stands in the zone of an origin: "@", "www"; in full if it lies outside.
func RelativeText(name, origin []byte) string { return relativeText(name, origin) }
