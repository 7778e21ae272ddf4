package zonestest

import (
	"crypto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// A Signer signs zones the plain way.
type Signer struct {
	NSEC3      bool
	OptOut     bool
	Iterations uint16
	Salt       string // hexadecimal

	Inception, Expiration time.Time // left out: from yesterday to tomorrow
}

// Sign signs a zone given as a master file, and returns it as one, with its key.
func (s Signer) Sign(t testing.TB, apex, master string) (string, *dns.DNSKEY) {
	t.Helper()
	z, _ := oracleOf(t, apex, master)
	for owner, rrs := range z.records { // the same record twice would be signed once
		z.records[owner] = dns.Dedup(rrs, nil)
	}
	key := &dns.DNSKEY{Hdr: dns.RR_Header{Name: z.apex, Rrtype: dns.TypeDNSKEY, Class: 1, Ttl: 300}, Flags: 257, Protocol: 3, Algorithm: dns.ECDSAP256SHA256}
	private, err := key.Generate(256)
	if err != nil {
		t.Fatal(err)
	}
	z.records[z.apex] = append(z.records[z.apex], key)
	if s.NSEC3 {
		z.records[z.apex] = append(z.records[z.apex], &dns.NSEC3PARAM{Hdr: header(z.apex, dns.TypeNSEC3PARAM), Hash: 1, Iterations: s.Iterations, SaltLength: uint8(len(s.Salt) / 2), Salt: s.Salt})
	}
	names := z.denied(s)
	s.chain(z, names)
	var b strings.Builder
	for owner, rrs := range z.records {
		for _, rr := range rrs {
			b.WriteString(rr.String() + "\n")
		}
		if !z.occluded(owner) {
			s.sign(t, &b, z, owner, key, private.(crypto.Signer))
		}
	}
	return b.String(), key
}

func header(name string, typ uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: typ, Class: 1, Ttl: 60}
}

// occluded says whether a name is below a cut.
func (z *oracleZone) occluded(name string) bool {
	return name != z.apex && z.cuts(parent(name)) && dns.IsSubDomain(z.apex, parent(name))
}

func (z *oracleZone) isCut(name string) bool {
	return name != z.apex && z.find(name, dns.TypeNS) != nil
}

// denied are the names that the chain has, in order. Of NSEC3 they have empty non-terminals with them, but with opt-out no delegation
// without DS.
func (z *oracleZone) denied(s Signer) (names []string) {
	for owner := range z.records {
		if z.occluded(owner) || s.OptOut && z.isCut(owner) && z.find(owner, dns.TypeDS) == nil {
			continue
		}
		names = append(names, owner)
		for at := owner; s.NSEC3 && at != z.apex; at = parent(at) {
			names = append(names, parent(at))
		}
	}
	slices.SortFunc(names, Canonical)
	return slices.CompactFunc(names, func(a, b string) bool { return a == b })
}

// chain adds the NSEC or NSEC3 records.
func (s Signer) chain(z *oracleZone, names []string) {
	if !s.NSEC3 {
		for i, name := range names {
			next := names[(i+1)%len(names)]
			z.records[name] = append(z.records[name], &dns.NSEC{Hdr: header(name, dns.TypeNSEC), NextDomain: next, TypeBitMap: z.types(name, dns.TypeNSEC, dns.TypeRRSIG)})
		}
		return
	}
	var hashes []string
	of := map[string]string{}
	for _, name := range names {
		hash := dns.HashName(name, dns.SHA1, s.Iterations, s.Salt)
		hashes, of[hash] = append(hashes, hash), name
	}
	slices.Sort(hashes)
	for i, hash := range hashes {
		n := &dns.NSEC3{Hdr: header(strings.ToLower(below(hash, z.apex)), dns.TypeNSEC3), Hash: 1, Iterations: s.Iterations, SaltLength: uint8(len(s.Salt) / 2), Salt: s.Salt}
		if s.OptOut {
			n.Flags = 1
		}
		n.HashLength, n.NextDomain = 20, hashes[(i+1)%len(hashes)]
		if types := z.types(of[hash]); z.isCut(of[hash]) && z.find(of[hash], dns.TypeDS) == nil {
			n.TypeBitMap = types // nothing of it is signed
		} else if len(types) > 0 {
			n.TypeBitMap = z.types(of[hash], dns.TypeRRSIG)
		}
		z.records[n.Hdr.Name] = []dns.RR{n}
	}
}

// types are those of a name, and more.
func (z *oracleZone) types(name string, more ...uint16) []uint16 {
	for _, rr := range z.records[name] {
		if typ := rr.Header().Rrtype; !z.isCut(name) || typ == dns.TypeNS || typ == dns.TypeDS {
			more = append(more, typ)
		}
	}
	slices.Sort(more)
	return slices.Compact(more)
}

// sign writes the signatures of a name.
func (s Signer) sign(t testing.TB, b *strings.Builder, z *oracleZone, owner string, key *dns.DNSKEY, private crypto.Signer) {
	t.Helper()
	from, until := s.Inception, s.Expiration
	if from.IsZero() {
		from, until = time.Now().Add(-24*time.Hour), time.Now().Add(24*time.Hour)
	}
	var types []uint16
	for _, rr := range z.records[owner] {
		if typ := rr.Header().Rrtype; !slices.Contains(types, typ) && (!z.isCut(owner) || typ == dns.TypeDS || typ == dns.TypeNSEC) {
			types = append(types, typ)
		}
	}
	for _, typ := range types {
		sig := &dns.RRSIG{
			Hdr: header(owner, dns.TypeRRSIG), Algorithm: key.Algorithm, KeyTag: key.KeyTag(), SignerName: z.apex,
			Inception: uint32(from.Unix()), Expiration: uint32(until.Unix()),
		}
		if err := sig.Sign(private, z.find(owner, typ)); err != nil {
			t.Fatalf("%s %s: %v", owner, dns.Type(typ), err)
		}
		b.WriteString(sig.String() + "\n")
	}
}
