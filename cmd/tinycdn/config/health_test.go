package config

import (
	"fmt"
	"testing"
)

func TestHealthIsCheckedInAClusterOrIfThatIsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]bool{ // in a cluster, and not
		"":                             {true, false},
		"health = true":                {true, true},
		"health = false":               {false, false},
		"[health]":                     {true, true},
		"[health]\ninterval = '10s'":   {true, true},
		"[pops]\n[health]\nrise = 10":  {true, true},
		"health = { doubt_ttl = 30 }":  {true, true},
		"health.page = '/up?of=pages'": {true, true},
	} {
		c := parse("tinycdn.toml", []byte(text))
		if got := [2]bool{c.ChecksHealth(true), c.ChecksHealth(false)}; got != want || len(c.Mistakes) > 0 {
			t.Errorf("%q: got %v, %v, want %v", text, got, c.Mistakes, want)
		}
	}
}

func TestMistakesInHealth(t *testing.T) {
	t.Parallel()
	const page = `want a path, "/up", or a URL, "https://www.example.org/up"`
	for text, want := range map[string]string{
		"interval = '10s'":                          "",
		"interval = '500ms'":                        "health.interval: must be 1s to 1h",
		"timeout = '2h'":                            "health.timeout: must be 1s to 1h",
		"fall = 0":                                  "health.fall: must be 1 to 100",
		"rise = 101":                                "health.rise: must be 1 to 100",
		"doubt_ttl = 0":                             "health.doubt_ttl: must be 1 to 86400",
		"page = '/up'\nstatus = 100":                "health.status: must be 200 to 599",
		"status = 204":                              "health.page: missing: status and body are for a page of yours",
		"page = 'up'":                               `health.page: want a path that begins with "/", or a URL, "https://www.example.org/up"`,
		"page = '//up'":                             `health.page: want a path that begins with "/", or a URL, "https://www.example.org/up"`,
		"page = '/a b'":                             "health.page: " + page,
		`page = "/a\r\nHost: x"`:                    "health.page: " + page,
		"page = '/up#x'":                            "health.page: " + page,
		"page = 'ftp://example.org/up'":             `health.page: want a URL as visitors have it, "https://www.example.org/up"`,
		"page = 'https:///up'":                      `health.page: want a URL as visitors have it, "https://www.example.org/up"`,
		"page = 'https://example.org:8443/up'":      "",
		"notify = ['https://ntfy.sh/pops']":         "",
		"notify = ['ntfy.sh/pops']":                 `health.notify: want the URL of a webhook, "https://ntfy.sh/topic"; with "ntfy+", "slack+" or "plain+" before it if the host does not tell how messages are written`,
		"off = true":                                `health: unknown key "off"`,
		"[web]\nx = 1":                              `web: unknown key "x"`,
		"page = 'https://www.example.org/up?now=1'": "",
	} {
		c := parse("tinycdn.toml", []byte("[health]\n"+text))
		got := ""
		for _, m := range c.Mistakes {
			got += m.Text
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestAPageOfNoSiteIsNoted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[health]\npage = '/up'":                                           `[tinycdn.toml:2: health.page: there is no site whose page this could be, so that only nameservers are looked at (did you mean "https://www.example.org/up"?)]`,
		"[health]\npage = 'http://example.org/up'":                         "[]",
		"[health]\npage = '/up'\n[sites.a]\norigin = 'http://127.0.0.1:1'": "[]",
		"[health]": "[]",
	} {
		if c := parse("tinycdn.toml", []byte(text)); fmt.Sprint(c.Notes) != want || len(c.Mistakes) > 0 {
			t.Errorf("%q: got %v, %v, want %s", text, c.Notes, c.Mistakes, want)
		}
	}
}
