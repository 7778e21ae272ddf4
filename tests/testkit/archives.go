package testkit

// OneZone is a host with a zone of a few static names.
const OneZone = `
-- tinycdn.toml --
zones = ["example.org.toml"]
dns   = { listen = "127.0.0.1:$PORT" }
-- example.org.toml --
[records]
"@"   = { NS = "ns.example.net.", TXT = "hello" }
"www" = { A = "192.0.2.80" }
`

// Sites has a site of each kind, at all protocols, and a zone beside them.
const Sites = `
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
admin          = "127.0.0.1"
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
