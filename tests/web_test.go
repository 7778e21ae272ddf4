package tests

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// webHouse has a site of each kind, at all protocols, and a zone beside them.
const webHouse = `
-- tinycdn.toml --
zones = ["example.org.toml"]
pop   = "nyc"
[dns]
listen = "127.0.0.1:$PORT"
[web]
listen         = "127.0.0.1:$HTTP"
tls_listen     = "127.0.0.1:$HTTPS"
certs          = ["cert.pem", "cert.key"]
https_redirect = false
http3          = true
access_log     = { file = "access.log" }
[pops]
nyc = { addresses = "192.0.2.1", location = [40.71, -74.01] }
[sites."example.org"]
root = "public"
[sites."pages.example"]
pages = "pages"
[sites."app.example"]
origin = "http://127.0.0.1:$APP"
-- example.org.toml --
[records]
'@' = { NS = 'ns.example.net.' }
www = { A = '192.0.2.80' }
-- public/index.html --
<!doctype html><title>home</title>
-- public/404.html --
<!doctype html><title>nothing here</title>
-- public/assets/app.js --
let x = 1+2;
-- pages/content/hello.md --
+++
title = "Hello"
date = 2026-01-02
+++
From Markdown.
-- app/page --
HTTP/1.1 200 OK
Content-Type: text/plain
Cache-Control: max-age=600

answer $COUNT for $METHOD of $HOST, as $(X-Forwarded-Proto)://$(X-Forwarded-Host) for $(X-Forwarded-For), $(Forwarded)
-- app/live --
HTTP/1.1 200 OK
Content-Type: text/plain
Cache-Control: no-store

answer $COUNT for $METHOD of $HOST
-- secret.txt --
secret
`

// openWeb opens a house with a certificate for the hosts of webHouse, and with its application.
func openWeb(t *testing.T, archive string) *house {
	t.Helper()
	h := build(t, archive)
	h.startWeb(t)
	return h
}

// startWeb starts the server, and the application behind it, with a new certificate.
func (h *house) startWeb(t *testing.T) {
	t.Helper()
	now := time.Now()
	hosts := []string{"example.org", "pages.example", "app.example"}
	if _, err := authority().issue(filepath.Join(h.folder, "cert"), now.Add(-time.Hour), now.Add(time.Hour), hosts...); err != nil {
		t.Fatal(err)
	}
	if h.app == nil {
		h.app = newApp(filepath.Join(h.folder, "app"))
	}
	app, err := startApp(h.ports.app, h.app)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { app.Close() })
	h.start(t)
}

// wantPage gets the home page over a new connection, as a visitor who has nothing to do with what others are up to.
func (h *house) wantPage(t *testing.T) {
	t.Helper()
	visitor := newVisitor(h.ports, "127.0.0.1", "http1.1")
	defer leave(visitor)
	response, body, err := fetch(visitor, http.MethodGet, "http://example.org/", nil, nil)
	if err != nil {
		t.Errorf("a visitor gets no page: %v\n%s", err, h.log)
	} else if response.StatusCode != http.StatusOK || len(body) == 0 {
		t.Errorf("a visitor gets %s\n%s", response.Status, body)
	}
}
