package sign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/miekg/dns"

	"tinycdn/zones/records"
	"tinycdn/zones/rr"
)

// A Signer signs the sets of a zone as they are to be signed at a time. Whatever it gives away anew is verified first, with the public
// key that the zone has: nothing bogus is published, whatever is wrong with a key, with this program or with the memory that it runs in.
type Signer struct {
	Apex  []byte
	Key   *Key
	Cache *Cache // nil: nothing is remembered

	epochs epochs
	public *dns.DNSKEY
	digest func(*ecdsa.PrivateKey, []byte) ([]byte, error) // signs; a test has one that errs
}

// NewSigner gives the one of a zone at a time.
func NewSigner(apex []byte, key *Key, cache *Cache, now time.Time) *Signer {
	s := &Signer{Apex: apex, Key: key, Cache: cache, epochs: epochsAt(apex, now), digest: signDigest}
	s.public, _ = unpack(apex, &records.Record{Type: rr.TypeDNSKEY, Data: key.Data}).(*dns.DNSKEY)
	cache.sweep(now)
	return s
}

// Next is when another would sign otherwise.
func (s *Signer) Next() time.Time { return s.epochs.next() }

// Renewed is when something of the zone was signed anew last.
func (s *Signer) Renewed() time.Time { return s.epochs.last() }

// Expires is when the first signatures end that are made now.
func (s *Signer) Expires() time.Time {
	return s.Renewed().Add((life - (buckets-1)*day) * time.Second)
}

// Valid is from when to when the signatures of a name hold, but for those that are renewed each day.
func (s *Signer) Valid(owner []byte) (from, until time.Time) {
	renewed := s.epochs.of(owner)
	return time.Unix(renewed-before, 0).UTC(), time.Unix(renewed+life, 0).UTC()
}

// RRSIG is the data of the signature of a set: records of one type, each once, with the TTL of the first. Many may ask at once.
func (s *Signer) RRSIG(owner []byte, set []records.Record) ([]byte, error) {
	return s.rrsig(owner, set, func() bool { return true })
}

// rrsig is RRSIG; what is made anew is verified where that is wanted.
func (s *Signer) rrsig(owner []byte, set []records.Record, verified func() bool) ([]byte, error) {
	renewed := s.epochs.of(owner)
	if isDaily(set[0].Type) {
		renewed = s.Renewed().Unix()
	}
	data := s.head(owner, &set[0], renewed)
	var buf [1024]byte
	m := made{sha256.Sum256(appendSigned(buf[:0], data, owner, set)), s.Key.print}
	if found, ok := s.Cache.find(m); ok {
		return append(data, found[:]...), nil
	}
	signature, err := s.digest(s.Key.private, m.digest[:])
	if err != nil {
		return nil, fmt.Errorf("%s %s cannot be signed: %w", rr.NameText(owner), records.TypeText(set[0].Type), err)
	}
	data = append(data, signature...)
	if verified() {
		if err := s.verify(owner, set, data); err != nil {
			return nil, fmt.Errorf("the new signature of %s %s does not hold, so nothing of the zone is published: %w", rr.NameText(owner), records.TypeText(set[0].Type), err)
		}
	}
	s.Cache.keep(m, [signatureLen]byte(signature), renewed+life)
	return data, nil
}

// head is the data of an RRSIG up to the signature (RFC 4034, 3.1).
func (s *Signer) head(owner []byte, first *records.Record, renewed int64) []byte {
	labels := rr.CountLabels(owner)
	if len(owner) > 1 && owner[0] == 1 && owner[1] == '*' {
		labels--
	}
	b := make([]byte, 0, 18+len(s.Apex)+signatureLen)
	b = binary.BigEndian.AppendUint16(b, first.Type)
	b = append(b, Algorithm, byte(labels))
	b = binary.BigEndian.AppendUint32(b, first.TTL)
	b = binary.BigEndian.AppendUint32(b, uint32(renewed+life))
	b = binary.BigEndian.AppendUint32(b, uint32(renewed-before))
	b = binary.BigEndian.AppendUint16(b, s.Key.Tag)
	return append(b, s.Apex...)
}

// verify verifies a signature as a resolver does, by other code than that which made it.
func (s *Signer) verify(owner []byte, set []records.Record, data []byte) error {
	var list []dns.RR
	for i := range set {
		one := set[i]
		one.TTL = set[0].TTL
		r := unpack(owner, &one)
		if r == nil { // the library does not read such data: then at least it is of the key that it must be of
			r = &dns.RFC3597{Hdr: dns.RR_Header{Name: nameOf(owner), Rrtype: one.Type, Class: dns.ClassINET, Ttl: one.TTL}, Rdata: hex.EncodeToString(one.Data)}
		}
		list = append(list, r)
	}
	sig, ok := unpack(owner, &records.Record{Type: rr.TypeRRSIG, TTL: set[0].TTL, Data: data}).(*dns.RRSIG)
	if !ok || s.public == nil {
		return errSignature
	}
	return sig.Verify(s.public, list)
}

func nameOf(wire []byte) string {
	name, _, _ := dns.UnpackDomainName(wire, 0)
	return name
}

// signDigest signs a hash with P-256 in a way that leaves nothing to chance (RFC 6979): whoever has the key comes to the same.
func signDigest(key *ecdsa.PrivateKey, digest []byte) ([]byte, error) {
	der, err := key.Sign(nil, digest, crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return rawSignature(der)
}

// rawSignature takes the two numbers of a signature out of their ASN.1 (SEC 1, C.5): a sequence of two integers, none of them longer than
// can be said in one octet.
func rawSignature(der []byte) ([]byte, error) {
	raw := make([]byte, signatureLen)
	if len(der) < 2 {
		return nil, errSignature
	}
	rest := der[2:]
	for half := range 2 {
		if len(rest) < 2 || len(rest) < 2+int(rest[1]) {
			return nil, errSignature
		}
		number := rest[2 : 2+rest[1]]
		rest = rest[2+rest[1]:]
		for len(number) > 32 && number[0] == 0 {
			number = number[1:]
		}
		if len(number) > 32 {
			return nil, errSignature
		}
		copy(raw[half*32+32-len(number):], number)
	}
	return raw, nil
}

var errSignature = errors.New("it is no signature by P-256")
