package acme

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"tinycdn/zones/diag"

	"github.com/mholt/acmez/v3/acme"
)

// mostWords bounds what is told of an error, in octets: who is no authority may answer with a whole page.
const mostWords = 1000

// words is what an error says to people: of the authority's own words, those that are meant for them.
func words(err error) string {
	var problem acme.Problem
	var request *url.Error
	text := ""
	switch {
	case errors.As(err, &problem):
		text = problemText(&problem)
	case errors.As(err, &request):
		text = "it is not reached: " + unreached(request.Err)
	case errors.Is(err, context.DeadlineExceeded):
		text = "it takes longer than " + orderTime.String()
	default:
		text = answered(err)
	}
	return plain(text)
}

// plain is a text in one line, of bearable length, without what a terminal would obey.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > mostWords {
		return strings.ToValidUTF8(text[:mostWords], "") + "..."
	}
	return text
}

// problemText is what a problem document says (RFC 8555, 6.7), and of which name.
func problemText(problem *acme.Problem) string {
	text := problem.Detail
	for _, sub := range problem.Subproblems {
		if sub.Identifier.Value != "" {
			text += "; " + sub.Identifier.Value + ": " + sub.Detail
		} else {
			text += "; " + sub.Detail
		}
	}
	if kind := strings.TrimPrefix(problem.Type, acme.ProblemTypeNamespace); kind != "" {
		text += " (" + kind + ")"
	}
	if authz, ok := problem.Resource.(acme.Authorization); ok {
		text = authz.IdentifierValue() + ": " + text
	}
	return strings.TrimPrefix(text, "; ")
}

// unreached is why an authority could not be asked.
func unreached(err error) string {
	var untrusted x509.UnknownAuthorityError
	var other x509.HostnameError
	var invalid x509.CertificateInvalidError
	var garbled tls.RecordHeaderError
	switch {
	case errors.As(err, &untrusted):
		return "nobody who is trusted here vouches for it (acme.roots names whom to trust)"
	case errors.As(err, &other):
		return "it shows a certificate for another host"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its own certificate is not valid now: " + invalid.Detail + " (is the clock right?)"
	case errors.As(err, &garbled):
		return "it does not speak TLS there"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends the connection"
	}
	return diag.Network(err)
}

// clutter is what the library was doing, which is of no use to whoever reads the rest.
var clutter = regexp.MustCompile(`provisioning client: |performing request: |attempt \d+: |https://\S+: |JSON-decoding response body: |\(raw='[^']*'\)?`)

// wrongKind is how the library says that it wanted JSON.
var wrongKind = regexp.MustCompile(`response Content-Type is (.*) but target container`)

// answered is what is wrong with what an authority answers, or with what we have.
func answered(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	text := strings.ReplaceAll(clutter.ReplaceAllString(err.Error(), ""), "\n", "; ")
	if wrong := wrongKind.FindStringSubmatch(text); wrong != nil {
		return "its answer makes no sense: it is " + wrong[1]
	}
	switch {
	case strings.Contains(text, "required directory fields are missing"):
		return "it gives no directory (acme.ca: is that the URL of one?)"
	case errors.As(err, &syntax), errors.As(err, &kind):
		return "its answer makes no sense: " + text
	}
	return text
}
