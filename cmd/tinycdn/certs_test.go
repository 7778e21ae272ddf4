package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tinycdn/webserver/acme"
)

func TestCertsListSaysHowItStands(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 1, 0, 0, 0, time.UTC)
	all := []acme.Status{
		{Name: "example.org", Names: []string{"example.org", "*.example.org"}, Authority: "letsencrypt", Method: "dns-persist-01", Until: now.Add(61 * 24 * time.Hour), Renewal: now.Add(30 * 24 * time.Hour),
			CAA: `CAA 0 issue "letsencrypt.org"`},
		{Name: "elsewhere", Names: []string{"www.example.net"}, Authority: "letsencrypt", Why: "letsencrypt: some names are refused; www.example.net: on a list (rejectedIdentifier)",
			Paste: []string{`_validation-persist.www.example.net. TXT "letsencrypt.org; accounturi=https://ca.test/1"`}},
	}
	var out strings.Builder
	printCerts(&out, all, now)
	want := `
certificate   names   authority     by               left      next order (UTC)
example.org   2       letsencrypt   dns-persist-01   61 days   2026-12-30 01:00
elsewhere     1       letsencrypt   -                none      at once

elsewhere: no new one: letsencrypt: some names are refused; www.example.net: on a list (rejectedIdentifier)

elsewhere: proved for good where its DNS is, by:
_validation-persist.www.example.net. TXT "letsencrypt.org; accounturi=https://ca.test/1"

that letsencrypt and this account alone may order: @ CAA 0 issue "letsencrypt.org"
`
	if got := "\n" + out.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	text, err := json.Marshal(all[1])
	if err != nil || strings.Contains(string(text), "0001-01-01") || strings.Contains(string(text), `"until"`) {
		t.Errorf("%v: of what is not there it tells times: %s", err, text)
	}
}
