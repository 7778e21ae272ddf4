package pop

import (
	"bytes"
	"fmt"
	"strings"

	"tinycdn/webserver/acme"
	"tinycdn/zones"
	"tinycdn/zones/diag"
)

const typeCNAME, typeCAA = 5, 257

// Refusal is that an authority would give no certificate for some names.
type Refusal struct {
	Names    []string `json:"names"`
	Issuer   string   `json:"issuer,omitempty"`   // what CAA records call the authority
	Owner    string   `json:"owner,omitempty"`    // whose CAA records say so
	Why      string   `json:"why,omitempty"`      // it is not just that others are named
	Paste    string   `json:"paste,omitempty"`    // the record that would allow it
	Accounts []string `json:"accounts,omitempty"` // these may order, and whether one of them is ours is not known
	lost     bool     // the records cannot be looked up
}

// String says it in words.
func (r Refusal) String() string {
	names := strings.Join(r.Names[:min(len(r.Names), mostNamed)], ", ")
	if more := len(r.Names) - mostNamed; more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	why := ""
	if r.Why != "" {
		why = ": " + r.Why
	}
	switch {
	case r.lost:
		return fmt.Sprintf("who may give a certificate for %s cannot be looked up, and without that nobody does%s", names, why)
	case len(r.Accounts) > 0:
		return fmt.Sprintf("the CAA records of %s let %s give a certificate for %s to the account %s alone (is it yours? tinycdn certs list says)", r.Owner, r.Issuer, names, strings.Join(r.Accounts, " or "))
	case r.Paste == "":
		return fmt.Sprintf("the CAA records of %s let nobody give a certificate for %s%s (in its zone, take that one out)", r.Owner, names, why)
	}
	return fmt.Sprintf("the CAA records of %s let %s give no certificate for %s%s (in its zone, add: %s)", r.Owner, r.Issuer, names, why, r.Paste)
}

// mostNamed are as many names as are told of those for which the reason is one.
const mostNamed = 5

// caaAsker is who is asked for what an authority would look up.
type caaAsker struct {
	caa     func(name string) (owner string, set []acme.CAA, err error) // the CAA records of a name, or of where its CNAME leads
	here    func(host string) bool                                      // whether the proof that a host is ours has its place in a zone here
	account func(issuer string) string                                  // ours, by its URL; "": it is not known
}

// forbidden are the names for which a CAA record in a zone of ours forbids an authority.
func (g *Generation) forbidden() (all []diag.Problem) {
	a := caaAsker{g.caaHere, g.provedHere, func(string) string { return "" }}
	for _, r := range g.refusals(a) {
		if len(r.Accounts) == 0 {
			all = append(all, g.Config.Problem(diag.At("acme"), "%s", r))
		}
	}
	return all
}

// refusals are the names for which the authorities of the configuration would give no certificate (RFC 8659).
func (g *Generation) refusals(a caaAsker) (all []Refusal) {
	if g.Config.ACME == nil {
		return nil
	}
	issuers := g.Config.ACME.Issuers() // what an authority of one's own is called in CAA, it knows alone
	of := map[string]int{}
	for _, w := range g.Config.Certificates(g.certs.Value.Covers) {
		for _, name := range w.Names {
			for _, issuer := range issuers {
				r, refused := g.refusal(a, name, issuer)
				if !refused {
					continue
				}
				like := fmt.Sprint(r.Issuer, " ", r.Owner, " ", r.Paste, " ", r.Why, " ", r.Accounts)
				if at, told := of[like]; told {
					all[at].Names = append(all[at].Names, name)
					continue
				}
				of[like] = len(all)
				all = append(all, r)
			}
		}
	}
	return all
}

// refusal is why an authority would give no certificate for a name, if it would not.
func (g *Generation) refusal(a caaAsker, name, issuer string) (r Refusal, refused bool) {
	host, isWildcard := strings.CutPrefix(name, "*.")
	owner, set, err := acme.ClimbCAA(host, a.caa)
	if err != nil {
		return Refusal{Names: []string{name}, Why: err.Error(), lost: true}, true
	}
	method := g.Config.ACME.Method(isWildcard, func() bool { return a.here(host) })
	order := acme.Order{Issuer: issuer, Wildcard: isWildcard, Method: method, Account: a.account(issuer)}
	v := order.Judge(set)
	r = Refusal{Names: []string{name}, Issuer: issuer, Owner: owner, Why: v.Why, Accounts: v.Accounts}
	switch {
	case v.Allowed:
		return r, len(v.Accounts) > 0
	case v.Hopeless:
		r.Issuer = "" // it is so of each of them
	default:
		r.Paste = fmt.Sprintf("%s. CAA 0 %s %q", owner, v.Tag, issuer)
	}
	return r, true
}

// caaHere are the CAA records of a name in a zone of ours, or of where its CNAME leads in another one.
func (g *Generation) caaHere(text string) (owner string, set []acme.CAA, err error) {
	name, err := zones.Name(text)
	if err != nil {
		return "", nil, nil // no zone has it
	}
	for range mostAliases {
		z := g.zoneOf(name)
		if z == nil {
			return "", nil, nil
		}
		alias := z.Data(name, typeCNAME)
		if len(alias) == 0 {
			return zones.NameText(name), parseCAA(z.Data(name, typeCAA)), nil
		}
		name = alias[len(alias)-1]
	}
	return "", nil, nil
}

func parseCAA(records [][]byte) (set []acme.CAA) {
	for _, data := range records {
		if one, ok := acme.ParseCAA(data); ok {
			set = append(set, one)
		}
	}
	return set
}

// provedHere says whether the proof that a host is ours has its place in a zone here.
func (g *Generation) provedHere(host string) bool {
	name, err := zones.Name("_acme-challenge." + host)
	for range mostAliases {
		z := g.zoneOf(name)
		if err != nil || z == nil {
			return false
		}
		alias := z.Data(name, typeCNAME)
		if len(alias) == 0 {
			return true
		}
		name = alias[len(alias)-1]
	}
	return false
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
