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
		return present(rr.FingerPrint, "fingerprint")
	case *dns.TLSA:
		return present(rr.Certificate, "certificate data")
	case *dns.SMIMEA:
		return present(rr.Certificate, "certificate data")
	case *dns.DS:
		return present(rr.Digest, "digest")
	case *dns.CDS:
		return present(rr.Digest, "digest")
	case *dns.DNSKEY:
		return present(rr.PublicKey, "public key")
	case *dns.CDNSKEY:
		return present(rr.PublicKey, "public key")
	case *dns.KEY:
		return present(rr.PublicKey, "public key")
	case *dns.CERT:
		return present(rr.Certificate, "certificate")
	case *dns.ZONEMD:
		return present(rr.Digest, "digest")
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
