package zonefile

import (
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// spellOut writes in full what the DNS library reads in full only, though others take it shorter: names of numbers, and
// numbers without their zeros in front.
func spellOut(typ uint16, words []string) {
	at := func(i int, write func(string) string) {
		if i < len(words) {
			words[i] = write(words[i])
		}
	}
	switch typ {
	case dns.TypeDNSKEY, dns.TypeCDNSKEY, dns.TypeKEY, dns.TypeRKEY:
		at(0, keyFlags)
		at(1, func(word string) string { return number(word, keyProtocols) })
		at(2, algorithm)
	case dns.TypeDS, dns.TypeCDS, dns.TypeDLV, dns.TypeTA:
		at(1, algorithm)
		at(2, func(word string) string { return number(word, digestTypes) })
	case dns.TypeRRSIG, dns.TypeSIG:
		at(1, algorithm)
	case dns.TypeCERT:
		at(0, strings.ToUpper)
		at(2, algorithm)
	case dns.TypeEUI48, dns.TypeEUI64:
		at(0, func(word string) string { return fillZeros(word, "-", 2) })
	case dns.TypeX25, dns.TypeGPOS:
		for i := range words {
			words[i] = strings.Trim(words[i], `"`) // texts, but the library wants them bare
		}
	case dns.TypeNID, dns.TypeL64:
		at(1, func(word string) string { return fillZeros(word, ":", 4) })
	}
}

// number gives the number that a word names, in any letter case; a word that names none it gives back.
func number(word string, numbers map[string]int) string {
	if n, ok := numbers[strings.ToUpper(word)]; ok {
		return strconv.Itoa(n)
	}
	return word
}

func algorithm(word string) string { return number(word, algorithms) }

// algorithms have the mnemonics of RFC 4034, A.1, and of the registry that goes on from there, and those that BIND writes.
var algorithms = map[string]int{
	"RSAMD5": 1, "DH": 2, "DSA": 3, "ECC": 4, "RSASHA1": 5, "DSA-NSEC3-SHA1": 6, "NSEC3DSA": 6, "RSASHA1-NSEC3-SHA1": 7, "NSEC3RSASHA1": 7,
	"RSASHA256": 8, "RSASHA512": 10, "ECC-GOST": 12, "ECCGOST": 12, "ECDSAP256SHA256": 13, "ECDSA256": 13, "ECDSAP384SHA384": 14, "ECDSA384": 14,
	"ED25519": 15, "ED448": 16, "SM2SM3": 17, "ECC-GOST12": 23, "INDIRECT": 252, "PRIVATEDNS": 253, "PRIVATEOID": 254,
}

// digestTypes have the names that BIND takes.
var digestTypes = map[string]int{"SHA1": 1, "SHA-1": 1, "SHA256": 2, "SHA-256": 2, "GOST": 3, "SHA384": 4, "SHA-384": 4}

// keyProtocols are those of RFC 2535, 7.1.
var keyProtocols = map[string]int{"NONE": 0, "TLS": 1, "EMAIL": 2, "DNSSEC": 3, "IPSEC": 4, "ALL": 255}

// keyFlagBits are those of RFC 2535, 7.1, and what RFC 4034 made of them.
var keyFlagBits = map[string]int{
	"NOCONF": 0x4000, "NOAUTH": 0x8000, "NOKEY": 0xc000, "EXTEND": 0x1000, "USER": 0, "ZONE": 0x0100, "HOST": 0x0200, "ENTITY": 0x0200,
	"REVOKE": 0x0080, "KSK": 0x0001, "SEP": 0x0001,
}

// keyFlags reads NOAUTH|ZONE as BIND does.
func keyFlags(word string) string {
	sum := 0
	for name := range strings.SplitSeq(word, "|") {
		bits, ok := keyFlagBits[strings.ToUpper(name)]
		if !ok {
			return word
		}
		sum |= bits
	}
	return strconv.Itoa(sum)
}

// fillZeros gives each of the numbers between separators as many digits as the library wants.
func fillZeros(word, separator string, digits int) string {
	numbers := strings.Split(word, separator)
	for i, n := range numbers {
		if n != "" {
			numbers[i] = strings.Repeat("0", max(0, digits-len(n))) + n
		}
	}
	return strings.Join(numbers, separator)
}
