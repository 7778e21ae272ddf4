package pop

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tinycdn/cmd/tinycdn/admin"
	"tinycdn/cmd/tinycdn/config"
	"tinycdn/cmd/tinycdn/delegation"
	"tinycdn/webserver/webservertest"
	"tinycdn/zones"
)

// ordered is a POP at work, whose zone the world asks it for, and an authority that does.
type ordered struct {
	*POP
	t         *testing.T
	dir       string
	authority *webservertest.Authority
	log       *pipe
	base      string // of its configuration
	stop      func()
}

// pipe is a log to look at.
type pipe struct {
	lock sync.Mutex
	text strings.Builder
}

func (p *pipe) Write(b []byte) (int, error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.text.Write(b)
}

func (p *pipe) all() string {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.text.String()
}

const orderZone = `$TTL 60
@ SOA ns hostmaster 1 14400 3600 1209600 1
@ NS ns
ns A 127.0.0.1
@ A 127.0.0.1
www A 127.0.0.1
host A 127.0.0.1
_acme-challenge.alias CNAME proof
alias A 127.0.0.1
`

func newOrdered(t *testing.T) *ordered {
	t.Helper()
	o := &ordered{t: t, dir: t.TempDir(), log: new(pipe)}
	o.base = `
zones = ["*.zone"]
[dns]
listen = ["127.0.0.1:0"]
[web]
listen = ["127.0.0.1:0"]
tls_listen = ["127.0.0.2:0"]
admin_socket = "` + filepath.Join(o.dir, "admin.sock") + `"
[pops.here]
addresses = ["127.0.0.1"]
location = [50.1, 8.7]
[sites."www.example.org"]
root = "public"
hosts = ["www.example.org", "example.org"]
`
	o.write("public/index.html", "hello")
	o.write("example.org.zone", orderZone)
	o.write("tinycdn.toml", o.base)
	o.begin()
	dns, web := o.dns.Addrs()[0], o.port()
	o.authority = webservertest.New(t, webservertest.Wish{Nameserver: dns.String(), HTTPPort: web})
	return o
}

func (o *ordered) write(name, text string) {
	o.t.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		o.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o *ordered) port() int {
	http, _ := o.web.Addrs()
	return int(http[0].Port())
}

// begin starts the POP, with what there is by now.
func (o *ordered) begin() {
	o.t.Helper()
	c := config.Load(filepath.Join(o.dir, "tinycdn.toml"))
	p := New("here", c, slog.New(slog.NewTextHandler(o.log, nil)))
	p.path, p.ordering.folder = c.Path(), inState(filepath.Join(o.dir, "state"))
	if err := p.Listen(); err != nil {
		o.t.Fatal(err)
	}
	if err := p.Adopt(load(c, nil, p.options())); err != nil {
		o.t.Fatal(err)
	}
	dns := p.dns.Addrs()[0]
	p.ordering.world = delegation.World{Resolvers: []string{dns.String()}, Port: fmt.Sprint(dns.Port()), Patience: 3 * time.Second}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { p.Serve(ctx) })
	o.POP = p
	stopped := sync.OnceFunc(func() { cancel(); serving.Wait() })
	o.stop = stopped
	o.t.Cleanup(stopped)
}

// configure has the POP take over its configuration with this behind it.
func (o *ordered) configure(more string) {
	o.t.Helper()
	o.write("tinycdn.toml", o.base+more)
	o.adoptAndTell(context.Background(), Load(o.path, o.current, o.options()), change{files: true, sites: true}, time.Now())
	if err := o.current.Mistakes(); err != nil {
		o.t.Fatal(err)
	}
}

// acme is a section for the authority.
func (o *ordered) acme(more string) string {
	return fmt.Sprintf("\n[acme]\nca = %q\nroots = %q\n%s\n", o.authority.Directory, o.authority.Roots, more)
}

// until waits for what must happen.
func (o *ordered) until(what string, is func() bool) {
	o.t.Helper()
	for begin := time.Now(); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > 60*time.Second {
			o.t.Fatalf("%s: not within a minute\n%s", what, o.log.all())
		}
	}
}

// get asks for a page over HTTPS, as a browser would that trusts the authority.
func (o *ordered) get(host string) (string, error) {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(o.authority.Root)
	_, secure := o.web.Addrs()
	if len(secure) == 0 {
		return "", fmt.Errorf("nobody listens")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: host}, DisableKeepAlives: true}
	request, err := http.NewRequest(http.MethodGet, "https://"+secure[0].String()+"/", nil)
	if err != nil {
		return "", err
	}
	request.Host = host
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

// A reload is all that is needed: certificates are ordered by the zone that is served here, and shown at once.
func TestTheFirstCertificateComesWithoutARestart(t *testing.T) {
	t.Parallel()
	o := newOrdered(t)
	if _, err := o.get("www.example.org"); err == nil {
		t.Fatal("there is a certificate already")
	}
	o.configure(o.acme(""))
	o.until("the first certificate", func() bool { _, err := o.get("www.example.org"); return err == nil })
	if page, err := o.get("example.org"); err != nil || page != "hello" {
		t.Errorf("got %q, %v", page, err)
	}
	if rest := o.store.Current().Data([]byte("\x0f_acme-challenge\x07example\x03org\x00"), 16); len(rest) != 0 {
		t.Errorf("records are left: %q", rest)
	}
	states := o.states()["acme"]["www.example.org"]
	if !states.OK || !states.Fresh || states.Left < 80*24*3600 {
		t.Errorf("got %+v", states)
	}
	o.judgeAdmin()
	o.stop()
	o.begin() // with the state folder of before
	if _, err := o.get("www.example.org"); err != nil || o.authority.Orders() != 1 {
		t.Errorf("after a restart: %v, %d orders", err, o.authority.Orders())
	}
}

// health is what the POP says of itself to everybody.
func (o *ordered) health() (int, string) {
	http, _ := o.web.Addrs()
	return get("http://" + http[0].String() + "/.well-known/tinycdn/health")
}

func get(url string) (int, string) {
	response, err := http.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

// judgeAdmin holds what an operator is told of the certificate, and may do about it.
func (o *ordered) judgeAdmin() {
	handler := o.adminRoutes(context.Background())
	ask := func(method, query string) (int, string) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(method, "http://localhost"+admin.CertsPath+query, nil))
		return w.Code, w.Body.String()
	}
	for _, c := range []struct {
		method, query string
		status        int
		want          string
	}{
		{"HEAD", "?do=renew&name=www.example.org", 200, ""}, // which asks, and does nothing
		{"PUT", "?do=renew&name=www.example.org", 405, ""},
		{"GET", "", 200, `"name":"www.example.org","names":["www.example.org","example.org"],"authority":"127.0.0.1:`},
		{"POST", "?do=nothing", 400, "this POP does not know how to do that"},
		{"POST", "?do=renew&name=none", 409, `there is no certificate "none" (there is: www.example.org)`},
		{"POST", "?do=revoke&name=www.example.org&reason=whim", 409, `"whim" is no reason to revoke a certificate`},
	} {
		if status, text := ask(c.method, c.query); status != c.status || !strings.Contains(text, c.want) {
			o.t.Errorf("%s %s: got %d %s, want %d %s", c.method, c.query, status, text, c.status, c.want)
		}
	}
}

// What it says of a zone that nobody asks it for, the world elsewhere, is what is to be done.
func TestAZoneWithoutDelegationIsTold(t *testing.T) {
	t.Parallel()
	o := newOrdered(t)
	elsewhere := newOrdered(t) // who is asked as a resolver, and has no such zone
	elsewhere.write("example.org.zone", "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns.provider.example.\n")
	elsewhere.configure("")
	o.ordering.world.Resolvers = []string{elsewhere.dns.Addrs()[0].String()}
	o.configure(o.acme(""))
	want := "the world does not ask us for example.org, but ns.provider.example: delegate first (at the registrar, its nameservers are ns.example.org)"
	o.until("the failure", func() bool { return strings.Contains(o.log.all(), want) })
	if status, text := o.health(); status != http.StatusOK {
		t.Errorf("that there is no certificate yet keeps visitors away: %d %s", status, text)
	}
	if state := o.states()["acme"]["www.example.org"]; state.Fresh || !strings.Contains(state.Why, want) || !strings.Contains(state.Why, "; the next try is at ") {
		t.Errorf("got %+v", state)
	}
	if o.authority.Orders() == 0 {
		t.Error("it was not even tried")
	}
}

// By DNS where the name of the proof is in a zone here, be it by a CNAME; and over HTTP where it is not.
func TestNamesAreProvedWhereTheyAre(t *testing.T) {
	t.Parallel()
	o := newOrdered(t)
	o.write("cut.example.org.zone", "$TTL 60\n@ SOA ns h 1 2 3 4 1\n@ NS ns.example.org.\n")
	o.write("example.org.zone", orderZone+"away NS ns.away\nns.away A 127.0.0.1\n")
	o.configure(o.acme(`names = ["alias.example.org", "*.example.org"]`))
	o.until("a certificate by an alias", func() bool { _, err := o.get("alias.example.org"); return err == nil })
	p := newProofs(o.store, &o.ordering.world)
	for name, want := range map[string]string{"alias.example.org": "proof.example.org", "www.example.org": "_acme-challenge.www.example.org", "x.away.example.org": "", "example.net": ""} {
		owner, _, err := p.locate(t.Context(), "_acme-challenge."+name)
		if got := nameText(owner); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %s, %v, want %q", name, got, err, want)
		}
	}
}

func TestTokensAreAnsweredOverHTTP(t *testing.T) {
	t.Parallel()
	o := newOrdered(t)
	o.configure(o.acme(`challenge = "http-01"`))
	o.until("a certificate by tokens", func() bool { _, err := o.get("www.example.org"); return err == nil })
}

func nameText(name []byte) string {
	if name == nil {
		return ""
	}
	return zones.NameText(name)
}
