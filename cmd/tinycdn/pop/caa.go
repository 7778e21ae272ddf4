package pop

import (
	"bytes"
	"slices"
	"strings"

	"tinycdn/zones"
	"tinycdn/zones/diag"
)

const typeCAA = 257

// forbidden are the names for which a CAA record in a zone of ours forbids the authority that is asked first (RFC 8659).
func (g *Generation) forbidden() (all []diag.Problem) {
	if g.Config.ACME == nil {
		return nil
	}
	issuers := g.Config.ACME.Issuers()
	if len(issuers) == 0 {
		return nil // what an authority of one's own is called in CAA, it knows alone
	}
	told := map[string]bool{}
	for _, w := range g.Config.Certificates(g.certs.Value.Covers) {
		for _, name := range w.Names {
			host, isWildcard := strings.CutPrefix(name, "*.")
			at, set := g.caaOf(host)
			tag, allowed := allows(set, issuers[0], isWildcard)
			if allowed || told[at+tag] {
				continue
			}
			told[at+tag] = true
			all = append(all, g.Config.Problem(diag.At("acme"), `the CAA records of %s let %s give no certificate for %s (in its zone, add: %[1]s. CAA 0 %[4]s "%[2]s")`, at, issuers[0], name, tag))
		}
	}
	return all
}

// caaOf are the CAA records that hold for a host, and whose they are: of the nearest name above it that has some in a zone of ours.
func (g *Generation) caaOf(host string) (at string, set [][]byte) {
	name, err := zones.Name(host)
	for err == nil && len(name) > 1 {
		if z := g.zoneOf(name); z != nil {
			if set := z.Data(name, typeCAA); len(set) > 0 {
				return zones.NameText(name), set
			}
		}
		name = name[1+name[0]:]
	}
	return "", nil
}

// zoneOf is the innermost zone of ours that a name is in; nil: there is none.
func (g *Generation) zoneOf(name []byte) (z *zones.Zone) {
	longest := 0
	for _, one := range g.answered {
		if one.Value != nil && len(one.apex) > longest && isIn(name, one.apex) {
			z, longest = one.Value, len(one.apex)
		}
	}
	return z
}

func isIn(name, apex []byte) bool {
	for len(name) > len(apex) {
		name = name[1+name[0]:]
	}
	return bytes.Equal(name, apex)
}

// allows says whether CAA records let an authority give a certificate, and which of them decide (RFC 8659, 4.2 and 4.3).
func allows(set [][]byte, issuer string, isWildcard bool) (tag string, allowed bool) {
	values := map[string][]string{}
	for _, data := range set {
		if len(data) < 2 || len(data) < 2+int(data[1]) {
			continue
		}
		tag := strings.ToLower(string(data[2 : 2+data[1]]))
		domain, _, _ := strings.Cut(string(data[2+data[1]:]), ";")
		values[tag] = append(values[tag], strings.ToLower(strings.TrimSpace(domain)))
	}
	tag = "issue"
	if isWildcard && values["issuewild"] != nil {
		tag = "issuewild"
	}
	return tag, values[tag] == nil || slices.Contains(values[tag], issuer)
}
