package pop

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"tinycdn/cmd/tinycdn/admin"
)

// What an authority says when it refuses, name by name, is in each place where somebody may look.
func TestAnAuthoritysWordsAreToldEverywhere(t *testing.T) {
	t.Parallel()
	o := newOrdered(t)
	refuse := func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/order-plz" {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"type": "urn:ietf:params:acme:error:rejectedIdentifier", "status": 403, "detail": "some names are refused", "subproblems": [
			{"type": "urn:ietf:params:acme:error:rejectedIdentifier", "detail": "on a list", "identifier": {"type": "dns", "value": "www.example.org"}}]}`)
		return true
	}
	o.authority.Before.Store(&refuse)
	o.configure(o.acme(""))
	const want = "some names are refused; www.example.org: on a list (rejectedIdentifier)"
	o.until("the refusal", func() bool { return strings.Contains(o.log.all(), want) })

	o.ordering.orderer.Store(&o.name) // as in a cluster
	failing := o.ordersReport().Failing
	health := o.askedAtSocket("/.well-known/tinycdn/health")
	list := o.askedAtSocket(admin.CertsPath)
	for where, told := range map[string]string{"status": failing, "health": health, "certs list": list, "the states": o.states()["acme"]["www.example.org"].Why} {
		if !strings.Contains(told, want) {
			t.Errorf("%s: got %s, want %s", where, told, want)
		}
	}
	for where, told := range map[string]string{"status": failing, "health": health} {
		if !strings.Contains(told, "; the next try is at 2") {
			t.Errorf("%s does not say when the next try is: %s", where, told)
		}
	}
	if strings.Contains(list, "0001-01-01") || strings.Contains(list, `"until"`) {
		t.Errorf("there is no certificate, and its end is told: %s", list)
	}
}

// askedAtSocket is what is answered there, for those who may ask.
func (o *ordered) askedAtSocket(path string) string {
	o.t.Helper()
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(o.dir, "admin.sock"))
	}}
	response, err := (&http.Client{Transport: transport}).Get("http://localhost" + path)
	if err != nil {
		o.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return string(text)
}
