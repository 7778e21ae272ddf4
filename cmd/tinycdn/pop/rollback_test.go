package pop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tinycdn/geoip"
	"tinycdn/webserver/origin"
	"tinycdn/webserver/page"
)

// newWholeFixture has one of everything.
func newWholeFixture(t *testing.T) *fixture {
	h := newFixture(t)
	h.write("tinycdn.toml", h.text("tinycdn.toml")+`
[web]
certs = ["chain.pem", "key.pem"]
[sites."www.example"]
root = "public"
[sites."app.example"]
origin = "http://127.0.0.1:1"
`)
	h.write("tinycdn.toml", strings.Replace(h.text("tinycdn.toml"), `"*.zone"`, `"*.zone", "g.*.toml"`, 1))
	h.write("g.example.toml", "[records]\n\"@\" = { NS = \"ns.b.example.\" }\nwww = { geo = \"site\" }\n")
	h.write("public/index.html", "first")
	h.certificate("first.example")
	return h
}

// certificate writes a new pair for a name.
func (h *fixture) certificate(name string) {
	h.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		h.t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	chain, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		h.t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		h.t.Fatal(err)
	}
	h.write("chain.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: chain})))
	h.write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

// served says in a few words what the POP answers: DNS, a page, and with which certificate.
func (h *fixture) served() string {
	h.t.Helper()
	var said []string
	for _, name := range []string{"a.example", "b.example", "g.example"} {
		switch z, there := h.published()[name]; {
		case !there:
			said = append(said, name+" is not there")
		case z == nil:
			said = append(said, name+" fails")
		default:
			said = append(said, fmt.Sprintf("%s has %d records", name, z.Records))
		}
	}
	snapshot := h.pop.store.Current()
	e, err := snapshot.GeoMap("www.g.example")
	if err == nil {
		err = snapshot.Explain(&e, netip.MustParsePrefix("10.0.0.1/32"), geoip.Location{})
	}
	said = append(said, fmt.Sprint("www.g.example is ", e.A.Addresses, err))
	for _, site := range h.pop.current.servings() {
		if _, isOrigin := site.Parts[0].Site.(*origin.Site); isOrigin || site.Parts[0].Site == nil {
			continue
		}
		answer := site.Parts[0].Site.Answer(&page.Request{Method: http.MethodGet, Host: "www.example", Path: "/"})
		said = append(said, site.Name+" says "+string(answer.Page.Body()))
	}
	if c := h.pop.certs.Store().Pick(&tls.ClientHelloInfo{ServerName: "x.example"}, true); c != nil {
		said = append(said, "certificate for "+c.Leaf.DNSNames[0])
	}
	return strings.Join(said, "; ")
}

func TestToAdoptAnOlderGenerationAgainIsToRollBack(t *testing.T) {
	h := newWholeFixture(t)
	first := h.load()
	before := h.served()

	h.write("a.example.zone", "$TTL 60\n@ SOA ns.b.example. h 2 2 3 4 5\n@ NS ns.b.example.\nnew TXT x\n")
	h.write("g.example.toml", "[records]\n\"@\" = { NS = \"ns.b.example.\" }\nwww = { geo = \"site\" }\nnew = { geo = \"site\" }\n")
	h.write("tinycdn.toml", strings.Replace(h.text("tinycdn.toml"), `default = "nyc"`, "default = \"fra\"\n[maps.other]\ndefault = \"fra\"", 1))
	if err := os.Remove(filepath.Join(h.dir, "b.example.zone")); err != nil {
		t.Fatal(err)
	}
	h.write("public/index.html", "the second")
	h.certificate("second.example")
	second := h.load()
	after := h.served()
	if err := second.Err(); err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(before, "; ") {
		if strings.Contains(after, part) {
			t.Errorf("an edit did not change this: %s", part)
		}
	}

	h.adopt(first)
	if got := h.served(); got != before {
		t.Errorf("rolled back: got\n%s\nwant\n%s", got, before)
	}
	h.adopt(second)
	if got := h.served(); got != after {
		t.Errorf("and forth: got\n%s\nwant\n%s", got, after)
	}

	// The next reload goes on from what is served: it finds the edit again.
	h.adopt(first)
	third := h.load()
	if got := h.served(); got != after || !third.newZones(first) {
		t.Errorf("reloaded: got\n%s\nwant\n%s", got, after)
	}
}

func TestARollBackBringsBackAZoneThatStayedAndItsMap(t *testing.T) {
	h := newWholeFixture(t)
	h.load()
	// The map is gone, and the file is broken: the zone stays as it was.
	h.write("g.example.toml", "nonsense")
	h.write("tinycdn.toml", strings.Replace(h.text("tinycdn.toml"), "[maps.site]", "[maps.other]", 1))
	second := h.load()
	before := h.served()
	if err := os.Remove(filepath.Join(h.dir, "g.example.toml")); err != nil {
		t.Fatal(err)
	}
	h.write("tinycdn.toml", strings.NewReplacer("[maps.other]", "[maps.third]", `, "g.*.toml"`, "").Replace(h.text("tinycdn.toml")))
	h.load()
	if got := h.served(); !strings.Contains(got, "g.example is not there") {
		t.Errorf("got %s", got)
	}
	h.adopt(second)
	if got := h.served(); got != before {
		t.Errorf("got\n%s\nwant\n%s", got, before)
	}
}

func TestARollBackServesAnApplicationWhoseSiteWasClosed(t *testing.T) {
	h := newWholeFixture(t)
	first := h.load()
	was := first.sites[whole("app.example")].Value.(*origin.Site)
	h.pop.origins.Supervise(h.pop.current.origins())
	h.write("tinycdn.toml", strings.Replace(h.text("tinycdn.toml"), "127.0.0.1:1", "127.0.0.1:2", 1))
	h.load()
	h.pop.origins.Supervise(h.pop.current.origins())
	h.adopt(first)
	if got := h.pop.current.sites[whole("app.example")].Value; got != was {
		t.Error("a site that still drains is not served again")
	}
	was.Close()
	h.adopt(first)
	got := h.pop.current.sites[whole("app.example")].Value.(*origin.Site)
	if got == was || first.sites[whole("app.example")].Value != was || !h.pop.origins.Usable(got) {
		t.Error("want a new site in place of the closed one, and the generation as it was")
	}
	got.Close()
}
