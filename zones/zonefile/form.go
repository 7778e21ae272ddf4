package zonefile

import "bytes"

// otherForm says of a file that begins with head why it is no text in UTF-8, which a master file must be; else "".
func otherForm(head []byte) string {
	for _, form := range []struct{ begin, what string }{
		{"\xef\xbb\xbf", "begins with a byte order mark (some editors call it UTF-8 with BOM): save it as UTF-8 without one"},
		{"\xff\xfe", "is in UTF-16: save it as UTF-8"},
		{"\xfe\xff", "is in UTF-16: save it as UTF-8"},
		{"\x00\x00\x00\x02\x00\x00\x00", "is in BIND's raw format: named-compilezone -f raw -F text -o ZONE.zone ZONE FILE makes text of it"},
		{"\x00\x00\x00\x03\x00\x00\x00", "is in BIND's map format: named-compilezone -f map -F text -o ZONE.zone ZONE FILE makes text of it"},
		{"\x1f\x8b", "is compressed: gunzip it"},
	} {
		if bytes.HasPrefix(head, []byte(form.begin)) {
			return form.what
		}
	}
	if len(head) > 1 && head[0] != 0 && head[1] == 0 || len(head) > 1 && head[0] == 0 && head[1] != 0 {
		return "is in UTF-16: save it as UTF-8" // without a mark: every other octet of ASCII is zero
	}
	return ""
}
