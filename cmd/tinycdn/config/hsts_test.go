package config

import (
	"slices"
	"strings"
	"testing"
)

func TestHSTSOfASiteOnPlainHTTPIsNoted(t *testing.T) {
	t.Parallel()
	const mirror = "[sites.'mirror.example.org']\nroot = 'x'\nhttps_redirect = false\n"
	const own = `sites."mirror.example.org".https_redirect: browsers that have once been here over HTTPS never come over HTTP again: the site says Strict-Transport-Security`
	const above = `sites."mirror.example.org".https_redirect: browsers that have once been at example.org over HTTPS never come to mirror.example.org over HTTP: ` +
		`the Strict-Transport-Security of site "example.org" includes subdomains`
	for _, c := range []struct {
		text string
		want []string
	}{
		{mirror, nil},
		{mirror + "hsts = ''", nil},
		{mirror + "hsts = 'max-age=1'", []string{own}},
		{mirror + "hsts = 'max-age=0'", nil}, // browsers that know it from before forget about it
		{mirror + "hsts = 'Max-Age = \"00\" ; includeSubDomains'\n[sites.'a.mirror.example.org']\nroot = 'y'\nhttps_redirect = false", nil},
		{mirror + "headers = { strict-transport-security = 'max-age=1' }", []string{own}},
		{mirror + "[sites.'example.org']\nroot = 'y'", nil},
		{mirror + "[sites.'example.org']\nroot = 'y'\nhsts = 'max-age=1; IncludeSubDomains'", []string{above}},
		{mirror + "[sites.'example.org']\nroot = 'y'\nheaders = { Strict-Transport-Security = 'max-age=1; includeSubDomains' }", []string{above}},
		{mirror + "[sites.'example.org']\nroot = 'y'\n[web]\nhsts = 'max-age=1; includeSubDomains; preload'", []string{above}},
		{"[sites.'x.example.org']\nroot = 'x'\nhsts = 'for ever'\n[web]\nhsts = 'includeSubDomains; max-age'", []string{
			`web.hsts: browsers pass over "includeSubDomains; max-age": it has no max-age in seconds, such as "max-age=7776000"`,
			`sites."x.example.org".hsts: browsers pass over "for ever": it has no max-age in seconds, such as "max-age=7776000"`,
		}},
		{mirror + "[sites.'r.example.org']\nroot = 'y'\n[web]\nhsts = 'max-age=1; includeSubDomains'", nil},
		{strings.Replace(mirror, "false", "true", 1) + "[sites.'example.org']\nroot = 'y'\n[web]\nhsts = 'max-age=1; includeSubDomains'", nil},
	} {
		config, mistakes := load(t, c.text)
		var notes []string
		for _, n := range config.Notes {
			notes = append(notes, n.Text)
		}
		if !slices.Equal(notes, c.want) || len(mistakes) > 0 {
			t.Errorf("%s\ngot  %q %q\nwant %q", c.text, notes, mistakes, c.want)
		}
	}
}
