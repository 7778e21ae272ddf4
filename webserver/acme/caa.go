package acme

import (
	"slices"
	"strings"
)

// CAA is a property of a name: who may give certificates for it (RFC 8659, 4.1).
type CAA struct {
	Flags      uint8
	Tag, Value string
}

// ParseCAA reads the data of a CAA record.
func ParseCAA(data []byte) (c CAA, ok bool) {
	if len(data) < 2 {
		return c, false
	}
	flags, n, rest := data[0], int(data[1]), data[2:]
	if n > len(rest) {
		return c, false
	}
	return CAA{flags, string(rest[:n]), string(rest[n:])}, true
}

// ClimbCAA finds the properties that hold for a host, as an authority does (RFC 8659, 3): those of the nearest name at or above it that
// has some. Ask gives those of a name, and whose they are, which is another one if the name is an alias.
func ClimbCAA(host string, ask func(name string) (owner string, set []CAA, err error)) (owner string, set []CAA, err error) {
	for name := host; name != ""; _, name, _ = strings.Cut(name, ".") {
		if owner, set, err = ask(name); err != nil || len(set) > 0 {
			return owner, set, err
		}
	}
	return "", nil, nil
}

// Order is what an authority weighs properties for.
type Order struct {
	Issuer   string // what CAA records call the authority
	Wildcard bool
	Method   string // how it is proved that the name is ours
	Account  string // its URL; "": it is not known
}

// Verdict is what an authority makes of the properties.
type Verdict struct {
	Allowed  bool
	Tag      string   // of the properties that decide: "issue", "issuewild"
	Why      string   // it is not allowed although the authority is named; or no property more can change that
	Hopeless bool     // the latter
	Accounts []string // it is allowed to these alone, and ours is not known
}

// understood are the properties that an authority understands: another one that is critical is the end of it (RFC 8659, 4.1; RFC 9495).
var understood = []string{"issue", "issuewild", "iodef", "issuemail"}

// critical is the flag of a property that must be understood.
const critical = 0x80

// Judge says whether properties allow an order. None at all allow each.
func (o *Order) Judge(set []CAA) Verdict {
	values := map[string][]string{}
	for _, c := range set {
		tag := strings.ToLower(c.Tag)
		if c.Flags&critical != 0 && !slices.Contains(understood, tag) {
			return Verdict{Tag: tag, Why: "none understands the property " + plain(tag) + ", which is critical", Hopeless: true}
		}
		values[tag] = append(values[tag], c.Value)
	}
	v := Verdict{Tag: "issue"}
	if o.Wildcard && values["issuewild"] != nil {
		v.Tag = "issuewild"
	}
	v.Allowed = values[v.Tag] == nil
	for _, value := range values[v.Tag] {
		account, why, ok := o.matches(value)
		switch {
		case ok && account == "":
			return Verdict{Allowed: true, Tag: v.Tag}
		case ok:
			v.Accounts = append(v.Accounts, account)
		case why != "":
			v.Why = why
		}
	}
	if len(v.Accounts) > 0 {
		v.Allowed, v.Why = true, ""
	}
	return v
}

// matches says whether a value allows the order, and if that hangs on an account, which. If it is for this authority and does not, it
// says why (RFC 8657).
func (o *Order) matches(text string) (account, why string, ok bool) {
	v, err := parseIssueValue(text)
	if v.issuer != o.Issuer {
		return "", "", false
	}
	if err != nil {
		return "", plain(err.Error()), false
	}
	if methods, limited := v.parameters["validationmethods"]; limited && !slices.Contains(strings.Split(methods, ","), o.Method) {
		return "", "they want the names proved by " + plain(methods) + ", and it is by " + o.Method + " here", false
	}
	switch uri, limited := v.parameters["accounturi"]; {
	case !limited || uri == o.Account:
		return "", "", true
	case o.Account == "":
		return uri, "", true
	default:
		return "", "they want the account " + uri + ", and ours is " + o.Account, false
	}
}
