package page

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strings"
)

// contentTag is a strong entity tag (RFC 9110, 8.8.3): a hash of what is sent, so that it is the same at every POP
// whatever the times of files are there. 96 bits are enough to never meet by accident.
func contentTag(mediaType string, body []byte) string {
	h := sha256.New()
	io.WriteString(h, mediaType)
	h.Write([]byte{0})
	h.Write(body)
	return `"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12]) + `"`
}

// codedTag is the tag of the same content in a coding: strong tags of different bytes must differ (RFC 9110, 8.8.3.3).
func codedTag(tag string, c Coding) string {
	if tag == "" || c == Identity || strings.HasPrefix(tag, "W/") {
		return tag
	}
	return strings.TrimSuffix(tag, `"`) + "-" + c.String() + `"`
}

// PlainTag is the tag without what marks its coding: what an origin knows it by.
func PlainTag(tag string) string {
	for c := Gzip; c < codings; c++ {
		if plain, ok := strings.CutSuffix(tag, "-"+c.String()+`"`); ok {
			return plain + `"`
		}
	}
	return tag
}
