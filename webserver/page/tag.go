package page

import (
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"io"
	"strings"
)

// contentTag is a strong entity tag (RFC 9110, 8.8.3): a hash of what is sent, so that it is the same at every POP
// whatever the times of files are there. 96 bits are enough to never meet by accident.
func contentTag(mediaType string, body []byte) string {
	h := NewHash(mediaType)
	h.Write(body)
	return TagOf(h)
}

// NewHash begins the hash behind a tag. Who has the content bit by bit writes it there, and gets the tag that a page of it
// would have from TagOf.
func NewHash(mediaType string) hash.Hash {
	h := sha256.New()
	io.WriteString(h, mediaType)
	h.Write([]byte{0})
	return h
}

// TagOf is the tag of what was written to a hash since NewHash.
func TagOf(h hash.Hash) string {
	return `"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12]) + `"`
}

// codedTag is the tag of the same content in a coding: strong tags of different bytes must differ (RFC 9110, 8.8.3.3).
func codedTag(tag string, c Coding) string {
	if tag == "" || c == Identity || strings.HasPrefix(tag, "W/") {
		return tag
	}
	return strings.TrimSuffix(tag, `"`) + "-" + c.String() + `"`
}

// CodingOfTag is the coding of this page's content that an entity tag is for, be it one that is not made yet. A tag that
// a cache made weak on its way stays good for that.
func (p *Page) CodingOfTag(tag string) (c Coding, ok bool) {
	tag = strings.TrimPrefix(tag, "W/")
	for c := range codings {
		if tag == strings.TrimPrefix(codedTag(p.response.ETag, c), "W/") {
			return c, tag != ""
		}
	}
	return Identity, false
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
