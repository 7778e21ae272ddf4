package rr

import (
	"crypto/sha1"
	"encoding/base32"
)

// HashParams are how a zone's names are hashed for NSEC3 (RFC 5155, 3.1 and 5). The algorithm is SHA-1: there is no other.
type HashParams struct {
	Iterations uint16
	Salt       []byte
}

// HashLen is how many octets a hash has.
const HashLen = sha1.Size

// Hash hashes a name in wire form and lower case.
func (p *HashParams) Hash(name []byte) [HashLen]byte {
	var buf [MaxName + 255]byte
	sum := sha1.Sum(append(append(buf[:0], name...), p.Salt...))
	for range p.Iterations {
		sum = sha1.Sum(append(append(buf[:0], sum[:]...), p.Salt...))
	}
	return sum
}

// hashText is how a hash is written as a label (RFC 5155, 3.3), in lower case as all names are kept.
var hashText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// HashOf reads the hash that the first label of a name is.
func HashOf(owner []byte) (sum [HashLen]byte, ok bool) {
	if len(owner) == 0 || int(owner[0]) != hashText.EncodedLen(HashLen) {
		return sum, false
	}
	_, err := hashText.Decode(sum[:], owner[1:1+owner[0]])
	return sum, err == nil
}

// AppendHashLabel appends a hash as a label.
func AppendHashLabel(name []byte, sum [HashLen]byte) []byte {
	return hashText.AppendEncode(append(name, byte(hashText.EncodedLen(HashLen))), sum[:])
}
