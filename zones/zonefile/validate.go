package zonefile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/miekg/dns"
)

// validate says what is missing in data that the DNS library takes as it is. BIND, NSD and Knot refuse all of this.
func validate(rr dns.RR) error {
	switch rr := rr.(type) {
	case *dns.SSHFP:
		return digest(rr.FingerPrint, "fingerprint", rr.Type, fingerprintSizes)
	case *dns.TLSA:
		return present(rr.Certificate, "certificate data")
	case *dns.SMIMEA:
		return present(rr.Certificate, "certificate data")
	case *dns.DS:
		return digest(rr.Digest, "digest", rr.DigestType, digestSizes)
	case *dns.CDS:
		return digest(rr.Digest, "digest", rr.DigestType, digestSizes)
	case *dns.DLV:
		return digest(rr.Digest, "digest", rr.DigestType, digestSizes)
	case *dns.TA:
		return digest(rr.Digest, "digest", rr.DigestType, digestSizes)
	case *dns.DNSKEY:
		return present(rr.PublicKey, "public key")
	case *dns.CDNSKEY:
		return present(rr.PublicKey, "public key")
	case *dns.KEY:
		return present(rr.PublicKey, "public key")
	case *dns.CERT:
		return present(rr.Certificate, "certificate")
	case *dns.ZONEMD:
		if size := len(rr.Digest) / 2; 0 < size && size < 12 {
			return fmt.Errorf("has a digest of %d octets; the least is 12", size) // RFC 8976, 2.2.4
		}
		return digest(rr.Digest, "digest", rr.Hash, zoneDigestSizes)
	case *dns.RRSIG:
		return present(rr.Signature, "signature")
	case *dns.SVCB:
		return validateService(rr)
	case *dns.HTTPS:
		return validateService(&rr.SVCB)
	}
	return nil
}

func present(text, what string) error {
	if text == "" {
		return errors.New("has no " + what)
	}
	return nil
}

// The octets of what each algorithm makes. A digit lost on the way leaves a signed child dark, or a host's key unknown.
var (
	// RFC 4034, 5.1.4; RFC 4509; RFC 5933; RFC 6605; RFC 9558; RFC 9563. Type 0 asks for no DS any more (RFC 8078, 4).
	digestSizes      = map[uint8]int{1: 20, 2: 32, 3: 32, 4: 48, 5: 32, 6: 32}
	fingerprintSizes = map[uint8]int{1: 20, 2: 32} // RFC 4255, 3.1.2; RFC 6594
	zoneDigestSizes  = map[uint8]int{1: 48, 2: 64} // RFC 8976, 5.3
)

// digest holds what is there in hexadecimal to the size that its type has, if that is known.
func digest(text, what string, typ uint8, sizes map[uint8]int) error {
	if want := sizes[typ]; text != "" && want > 0 && len(text) != 2*want {
		return fmt.Errorf("has a %s of %d octets, but type %d has %d: was it cut off?", what, len(text)/2, typ, want)
	}
	return present(text, what)
}

// validateService holds the parameters of a service against each other (RFC 9460, 7.1 and 8).
func validateService(rr *dns.SVCB) error {
	var keys []dns.SVCBKey
	for _, parameter := range rr.Value {
		keys = append(keys, parameter.Key())
	}
	for _, parameter := range rr.Value {
		switch p := parameter.(type) {
		case *dns.SVCBAlpn:
			if len(p.Alpn) == 0 {
				return errors.New("has an alpn that lists no protocol")
			}
		case *dns.SVCBMandatory:
			if len(p.Code) == 0 {
				return errors.New("has a mandatory that lists no key")
			}
			for i, key := range p.Code {
				switch {
				case key == dns.SVCB_MANDATORY:
					return errors.New("has a mandatory that lists itself")
				case slices.Contains(p.Code[:i], key):
					return fmt.Errorf("has a mandatory that lists %s twice", key)
				case !slices.Contains(keys, key):
					return fmt.Errorf("lists %s as mandatory, but does not give it", key)
				}
			}
		}
	}
	return nil
}
