package origin

import (
	"strings"
	"testing"
)

func TestAPlaceIsAURLOrASocket(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"http://127.0.0.1:3000":    "http://127.0.0.1:3000 ",
		"https://app.example/v2/":  "https://app.example/v2/ ",
		"http://[::1]:3000":        "http://[::1]:3000 ",
		"http://app/@scope":        "http://app/@scope ",
		"http://unix:3000":         "http://unix:3000 ",
		"http://unix":              "http://unix ",
		"unix:/run/app.sock":       "http://localhost /run/app.sock",
		"unix:app.sock":            "http://localhost app.sock",
		"unix:/run/a b:c.sock":     "http://localhost /run/a b:c.sock",
		"unix:@hidden":             "http://localhost @hidden",
		"127.0.0.1:3000":           `"127.0.0.1:3000" is not a URL like "http://127.0.0.1:3000"`,
		"ftp://a":                  `"ftp://a" is not a URL like "http://127.0.0.1:3000"`,
		"http://a b":               `"http://a b" is not a URL like "http://127.0.0.1:3000"`,
		"http://a:0":               "0 is not the number of a port (1 to 65535)",
		"http://a:70000":           "70000 is not the number of a port (1 to 65535)",
		"http://a/b?c=d#e":         `an origin is a host, perhaps with a path: leave out "?c=d#e" (the visitor's query goes along)`,
		"http://a#b":               `an origin is a host, perhaps with a path: leave out "#b" (the visitor's query goes along)`,
		"http://a?":                `an origin is a host, perhaps with a path: leave out "?" (the visitor's query goes along)`,
		"unix:":                    `a unix socket is written "unix:/run/app.sock"`,
		"unix//run/app.sock":       `a unix socket is written "unix:/run/app.sock"`,
		"unix:///run/app.sock":     `a unix socket is written "unix:/run/app.sock"`,
		"http+unix:///run/a.sock":  `a unix socket is written "unix:/run/a.sock"`,
		"http+unix://%2Frun%2Fa":   `a unix socket is written "unix:/run/a"`,
		"http://unix:/run/app:/":   `a unix socket is written "unix:/run/app"`,
		"http://unix:/run/app:/v2": `a unix socket is written "unix:/run/app"`,
		"unix:/run/app.sock:/v2":   `a unix socket is written "unix:/run/app.sock"`,
		"unix:/run/app.sock:":      `a unix socket is written "unix:/run/app.sock"`,
		"/run/app.sock":            `a unix socket is written "unix:/run/app.sock"`,
	} {
		got := ""
		u, socket, err := Parse(text)
		if err != nil {
			got = err.Error()
		} else {
			got = u.String() + " " + socket
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestAPasswordIsNotTold(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"http://user:secret@app:3000", "https://secret@app", "http://user:secret@app:0/x", "http://:secret@app?a", "user:secret@app:3000", "http://u:secret/x@app",
		"http://u:80?secret@app", "http://u:80#secret@app", "http://u:secret@a b", "http://u:%zzsecret@app", "//u:secret@app", "http://u:secret@@app", "unix://u:secret@app", "/u:secret@app", "http+unix://u:secret@app", "ftp://secret@app",
	} {
		if _, _, err := Parse(text); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "takes no user and password") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}
