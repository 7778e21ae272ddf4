package acme

import (
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// The examples of RFC 8659 and RFC 8657 are among them.
func TestWhatAnAuthorityMakesOfCAA(t *testing.T) {
	t.Parallel()
	issue := func(values ...string) (set []CAA) {
		for _, value := range values {
			set = append(set, CAA{0, "issue", value})
		}
		return set
	}
	wild := func(set []CAA, values ...string) []CAA {
		for _, value := range values {
			set = append(set, CAA{0, "IssueWild", value})
		}
		return set
	}
	ours := Order{Issuer: "ca1.example.net", Method: "dns-01", Account: "https://ca1.example.net/acct/1"}
	wildcard, unknown := ours, ours
	wildcard.Wildcard, unknown.Account = true, ""
	for _, c := range []struct {
		order Order
		set   []CAA
		want  Verdict
	}{
		{ours, nil, Verdict{Allowed: true, Tag: "issue"}},
		{ours, issue("ca1.example.net"), Verdict{Allowed: true, Tag: "issue"}},
		{ours, issue(" CA1.example.net\t;"), Verdict{Allowed: true, Tag: "issue"}},
		{ours, issue("ca1.example.net; policy=ev"), Verdict{Allowed: true, Tag: "issue"}},
		{ours, issue("ca2.example.org"), Verdict{Tag: "issue"}},
		{ours, issue("ca2.example.org", "ca1.example.net"), Verdict{Allowed: true, Tag: "issue"}},
		{ours, issue(";"), Verdict{Tag: "issue"}},
		{ours, issue(""), Verdict{Tag: "issue"}},
		{ours, issue("%%%%%"), Verdict{Tag: "issue"}},
		{ours, issue("ca1.example.net; policy=ev;"), Verdict{Tag: "issue", Why: "there is a semicolon too many"}},
		{ours, issue("ca1.example.net; policy"), Verdict{Tag: "issue", Why: `"policy" is no parameter`}},
		{ours, issue("ca1.example.net; a=b c"), Verdict{Tag: "issue", Why: `the value of a cannot be: "b c"`}},
		{ours, wild(nil, ";"), Verdict{Allowed: true, Tag: "issue"}},
		{wildcard, wild(nil, ";"), Verdict{Tag: "issuewild"}},
		{wildcard, wild(issue("ca1.example.net"), "ca2.example.org"), Verdict{Tag: "issuewild"}},
		{wildcard, wild(issue("ca2.example.org"), "ca1.example.net"), Verdict{Allowed: true, Tag: "issuewild"}},
		{wildcard, issue("ca1.example.net"), Verdict{Allowed: true, Tag: "issue"}},
		{ours, []CAA{{0, "iodef", "mailto:a@example.org"}}, Verdict{Allowed: true, Tag: "issue"}},
		{ours, []CAA{{128, "issue", "ca1.example.net"}}, Verdict{Allowed: true, Tag: "issue"}},
		{ours, []CAA{{0, "tbs", "x"}}, Verdict{Allowed: true, Tag: "issue"}},
		{ours, append(issue("ca1.example.net"), CAA{128, "tbs", "x"}), Verdict{Tag: "tbs", Why: "none understands the property tbs, which is critical", Hopeless: true}},
		{ours, issue("ca1.example.net; accounturi=https://ca1.example.net/acct/1"), Verdict{Allowed: true, Tag: "issue"}},
		{ours, issue("ca1.example.net; accounturi=https://ca1.example.net/acct/2"), Verdict{Tag: "issue", Why: "they want the account https://ca1.example.net/acct/2, and ours is https://ca1.example.net/acct/1"}},
		{ours, issue("ca1.example.net; accounturi=a; accounturi=https://ca1.example.net/acct/1"), Verdict{Tag: "issue", Why: "accounturi is there twice"}},
		{unknown, issue("ca1.example.net; accounturi=a", "ca1.example.net; AccountURI=b"), Verdict{Allowed: true, Tag: "issue", Accounts: []string{"a", "b"}}},
		{unknown, issue("ca1.example.net; accounturi=a", "ca1.example.net"), Verdict{Allowed: true, Tag: "issue"}},
		{ours, issue("ca1.example.net; validationmethods=http-01,dns-01"), Verdict{Allowed: true, Tag: "issue"}},
		{ours, issue("ca1.example.net; validationmethods=http-01"), Verdict{Tag: "issue", Why: "they want the names proved by http-01, and it is by dns-01 here"}},
		{ours, issue("ca1.example.net; validationmethods=http-01", "ca1.example.net; validationmethods=dns-01; accounturi=https://ca1.example.net/acct/1"), Verdict{Allowed: true, Tag: "issue"}},
	} {
		if got := c.order.Judge(c.set); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: got %+v, want %+v", c.set, got, c.want)
		}
	}
}

func TestPropertiesAreThoseOfTheNearestNameAbove(t *testing.T) {
	t.Parallel()
	lost := errors.New("no answer")
	there := map[string][]CAA{"example.org": {{0, "issue", "a"}}, "b.example.org": {{0, "issue", "b"}}}
	for _, c := range []struct{ host, owner, asked string }{
		{"x.a.b.example.org", "b.example.org", "x.a.b.example.org a.b.example.org b.example.org"},
		{"example.org", "example.org", "example.org"},
		{"www.example.net", "", "www.example.net example.net net"},
		{"www.lost.example.org", "", "www.lost.example.org lost.example.org"},
	} {
		var asked []string
		owner, set, err := ClimbCAA(c.host, func(name string) (string, []CAA, error) {
			if asked = append(asked, name); name == "lost.example.org" {
				return "", nil, lost
			}
			return name, there[name], nil
		})
		if owner != c.owner || !reflect.DeepEqual(set, there[c.owner]) || strings.Join(asked, " ") != c.asked || (err != nil) != strings.Contains(c.host, "lost") {
			t.Errorf("%s: got %s %v %v, asked %v", c.host, owner, set, err, asked)
		}
	}
}

// grammar is that of RFC 8659, 4.2, as it stands there.
var grammar = func() *regexp.Regexp {
	const label = `[0-9A-Za-z](-*[0-9A-Za-z])*`
	const parameter = label + `[ \t]*=[ \t]*[\x21-\x3A\x3C-\x7E]*`
	return regexp.MustCompile(`^[ \t]*(` + label + `(\.` + label + `)*[ \t]*)?(;[ \t]*(` + parameter + `([ \t]*;[ \t]*` + parameter + `)*)?[ \t]*)?$`)
}()

func FuzzIssueValue(f *testing.F) {
	for _, text := range []string{"", ";", "ca1.example.net", " a ; b=c ; d=;", "a.-b", "a..b", "a;b", "a;b=\x7f", "a; x = y ;z=1", "a;b=c;B=d", "ä", "a;b==c", "a ; ", "a;\t", "0\xfe" + strings.Repeat("0", 254), " 0; 0=0; 0=;0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := parseIssueValue(text)
		isTwice := err != nil && strings.HasSuffix(err.Error(), "twice") // no matter of the grammar, and what follows is not read
		if is := grammar.MatchString(text); is != (err == nil) && !isTwice {
			t.Errorf("%q: got %+v, %v; by the grammar it is one: %v", text, v, err, is)
		}
		if c, ok := ParseCAA([]byte(text)); ok && len(c.Tag)+len(c.Value)+2 != len(text) {
			t.Errorf("%q: got %+v", text, c)
		}
	})
}
