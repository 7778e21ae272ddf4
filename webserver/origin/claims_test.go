package origin

import (
	"net/http"
	"testing"
)

// Each of these fields is some application's or proxy's word for who asks, for which host, path or method. A visitor
// who may say it himself poisons the page that everybody gets.
func TestNoClaimReachesTheOrigin(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Forwarded", "Via", "Proxy", "X-Host", "X-Real-Ip", "X-Client-Ip", "Client-Ip", "True-Client-Ip", "X-Cluster-Client-Ip",
		"Cf-Connecting-Ip", "Fastly-Client-Ip", "X-Method-Override", "X-Server-Name", "X-Proxyuser-Ip",
		"X-Forward-For", "X-Forward-Host", "X-Http-Host-Override", "X-Scheme", "X-Url-Scheme", "Front-End-Https",
		"X-Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Ssl",
		"X-Original-Url", "X-Original-Host", "X-Rewrite-Url", "X-Http-Method", "X-Http-Method-Override",
		"X_forwarded_host", "Cf_connecting_ip", "Any_thing",
	} {
		header := http.Header{name: {"evil"}, "Accept": {"*/*"}}
		removeClaims(header)
		if header[name] != nil || header["Accept"] == nil {
			t.Errorf("%s: %v is left", name, header)
		}
	}
}

// What only looks like a claim is the visitor's own, and stays.
func TestOrdinaryFieldsReachTheOrigin(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Accept", "Cookie", "Authorization", "Referer", "Origin", "User-Agent", "X-Requested-With", "X-Api-Key", "X-Hosting", "Viable"} {
		header := http.Header{name: {"mine"}}
		removeClaims(header)
		if header[name] == nil {
			t.Errorf("%s was taken away", name)
		}
	}
}
