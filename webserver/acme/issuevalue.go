package acme

import (
	"errors"
	"fmt"
	"strings"
)

// An issueValue names an authority, and what it is told beside (RFC 8659, 4.2): so speak CAA records, and those of DNS-PERSIST-01.
type issueValue struct {
	issuer     string // "": nobody
	parameters map[string]string
}

// parseIssueValue reads one. What does not keep to the grammar lets nobody do anything.
func parseIssueValue(text string) (v issueValue, err error) {
	issuer, rest, _ := strings.Cut(text, ";")
	v = issueValue{strings.ToLower(trimSpace(issuer)), map[string]string{}}
	if v.issuer != "" && !isDomain(v.issuer) {
		return v, fmt.Errorf("%q is no name of an authority", v.issuer)
	}
	if trimSpace(rest) == "" {
		return v, nil
	}
	for one := range strings.SplitSeq(rest, ";") {
		tag, value, ok := strings.Cut(one, "=")
		tag, value = strings.ToLower(trimSpace(tag)), trimSpace(value)
		switch _, twice := v.parameters[tag]; {
		case trimSpace(one) == "":
			return v, errors.New("there is a semicolon too many")
		case !ok || !isLabel(tag):
			return v, fmt.Errorf("%q is no parameter", trimSpace(one))
		case strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }):
			return v, fmt.Errorf("the value of %s cannot be: %q", tag, value)
		case twice: // of those that are known it is forbidden (RFC 8657, 3 and 4), and of others it has no meaning
			return v, fmt.Errorf("%s is there twice", tag)
		}
		v.parameters[tag] = value
	}
	return v, nil
}

// trimSpace takes away the white space of the grammar, WSP of RFC 5234.
func trimSpace(text string) string { return strings.Trim(text, " \t") }

func isDomain(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if !isLabel(label) {
			return false
		}
	}
	return true
}

// isLabel says of a text in lower case whether it is letters, digits and hyphens, which stand between them.
func isLabel(text string) bool {
	for i, c := range []byte(text) {
		isHyphen := c == '-' && i > 0 && i < len(text)-1
		if !isHyphen && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return text != ""
}
