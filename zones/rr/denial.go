package rr

import (
	"encoding/binary"
	"errors"
)

// Types is a set of types, as the bitmaps of NSEC and NSEC3 have it (RFC 4034, 4.1.2).
type Types []byte

// Has says whether a type is in the set.
func (t Types) Has(typ uint16) bool {
	for len(t) > 2 {
		if t[0] == byte(typ>>8) {
			at := int(typ & 0xff)
			return at/8 < int(t[1]) && t[2+at/8]&(0x80>>(at%8)) != 0
		}
		t = t[2+t[1]:]
	}
	return false
}

// All are the types of the set, in order.
func (t Types) All() (list []uint16) {
	for len(t) > 2 {
		for i := range int(t[1]) * 8 {
			if t[2+i/8]&(0x80>>(i%8)) != 0 {
				list = append(list, uint16(t[0])<<8|uint16(i))
			}
		}
		t = t[2+t[1]:]
	}
	return list
}

// SplitNSEC takes NSEC data apart: the next name, and the types that there are.
func SplitNSEC(data []byte) (next []byte, types Types) {
	n := NameLen(data)
	return data[:n], Types(data[n:])
}

// NSEC3 is the data of such a record (RFC 5155, 3.1).
type NSEC3 struct {
	HashParams
	Algorithm, Flags byte
	Next             []byte // a hash
	Types            Types
}

// OptOut says whether delegations without DS may lie between the record and the next.
func (n *NSEC3) OptOut() bool { return n.Flags&1 != 0 }

var errNSEC3 = errors.New("the data of NSEC3 is broken")

// ReadNSEC3 reads the data of an NSEC3 record, or of NSEC3PARAM, which ends behind the salt.
func ReadNSEC3(data []byte, isParam bool) (n NSEC3, err error) {
	if len(data) < 5 || len(data) < 5+int(data[4]) {
		return n, errNSEC3
	}
	n.Algorithm, n.Flags, n.Iterations, n.Salt = data[0], data[1], binary.BigEndian.Uint16(data[2:]), data[5:5+data[4]]
	if data = data[5+data[4]:]; isParam {
		return n, nil
	}
	if len(data) < 1 || len(data) < 1+int(data[0]) {
		return n, errNSEC3
	}
	n.Next, n.Types = data[1:1+data[0]], Types(data[1+data[0]:])
	return n, nil
}

// Signature is the data of an RRSIG record (RFC 4034, 3.1), without the signature itself.
type Signature struct {
	Covers                uint16
	Algorithm, Labels     byte
	TTL                   uint32 // that the records had when they were signed
	Expiration, Inception uint32 // in seconds since 1970, modulo 2^32
	KeyTag                uint16
	Signer                []byte // in lower case
}

// ReadSignature reads the data of an RRSIG record.
func ReadSignature(data []byte) Signature {
	return Signature{
		Covers: Covered(data), Algorithm: data[2], Labels: data[3], TTL: binary.BigEndian.Uint32(data[4:]),
		Expiration: binary.BigEndian.Uint32(data[8:]), Inception: binary.BigEndian.Uint32(data[12:]), KeyTag: binary.BigEndian.Uint16(data[16:]),
		Signer: Lowered(data[18 : 18+NameLen(data[18:])]),
	}
}

// Covered is the type that an RRSIG record's data is a signature of.
func Covered(rrsig []byte) uint16 { return binary.BigEndian.Uint16(rrsig) }
