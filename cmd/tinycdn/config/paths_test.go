package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestASiteIsMadeOfParts(t *testing.T) {
	t.Parallel()
	const four = "[web]\ncache_bytes = '12MB'\n[sites.b]\nroot = 'b'\n[sites.a]\n"
	for _, test := range []struct{ text, want string }{
		{"[sites.a]\nroot = 'x'\n", "a root=x 67108864"},
		{"[sites.a]\nroot = 'x'\ncache_control = { '*.css' = 'c' }\n[sites.a.paths]\n'/s/*' = { root = 's', cache_control = { '/s/*' = 'd' } }\n'/f.xml' = { origin = 'http://f' }\n",
			"a root=x 22369621 *.css=c; a/s/* root=s 22369621 /s/*=d *.css=c; a/f.xml origin=http://f 22369621"},
		{four + "[sites.a.paths]\n'/s/*' = { root = 's' }\n'/*' = { pages = 'p' }\n'/f' = { root = 'f', cache_bytes = '6MB' }\n",
			"b root=b 2000000; a/s/* root=s 2000000; a pages=p 2000000; a/f root=f 6000000"},
		{four + "root = 'x'\ncache_bytes = '9MB'\n[sites.a.paths]\n'/s/*' = { root = 's' }\n'/f' = { root = 'f', cache_bytes = '4MB' }\n",
			"b root=b 3000000; a root=x 2500000; a/s/* root=s 2500000; a/f root=f 4000000"},
		{four + "cache_bytes = '9MB'\n[sites.a.paths]\n'/f' = { root = 'f', cache_bytes = '4MB' }\n", "b root=b 3000000; a/f root=f 4000000"},
	} {
		c, problems := load(t, test.text)
		var parts []string
		for _, p := range c.Parts() {
			text := p.String()
			for _, place := range [][2]string{{" pages=", p.Pages}, {" root=", p.Root}, {" origin=", p.Origin}} {
				if place[1] != "" {
					text += place[0] + strings.TrimPrefix(place[1], filepath.Dir(c.Path())+"/")
				}
			}
			text += fmt.Sprintf(" %d", p.CacheBytes)
			for _, rule := range p.Rules {
				text += " " + string(rule.Pattern) + "=" + rule.Value
			}
			if !slices.Equal(p.Hosts, []string{p.Site}) {
				text += fmt.Sprint(p.Hosts)
			}
			parts = append(parts, text)
		}
		if got := strings.Join(parts, "; "); got != test.want || len(problems) > 0 {
			t.Errorf("of\n%s\ngot  %s %v\nwant %s", test.text, got, problems, test.want)
		}
	}
}

func TestTheSocketOfAnApplicationIsBesideTheConfiguration(t *testing.T) {
	t.Parallel()
	c, problems := load(t, "[sites.a]\norigin = 'unix:run/a.sock'\npaths = { '/x/*' = { origin = 'unix:/run/x.sock' } }\n")
	var got []string
	for _, p := range c.Parts() {
		got = append(got, p.Origin)
	}
	if want := []string{"unix:" + filepath.Join(filepath.Dir(c.Path()), "run/a.sock"), "unix:/run/x.sock"}; !slices.Equal(got, want) || len(problems) > 0 {
		t.Errorf("got %v %v, want %v", got, problems, want)
	}
}

func TestAPathThatEndsInASlashIsNoted(t *testing.T) {
	t.Parallel()
	c, problems := load(t, paths("'/s/' = { root = 's' }\n'/' = { root = 's' }\n'/f' = { root = 's' }\n"))
	if want := `sites.a.paths."/s/": it is that path alone; all below it is "/s/*"`; len(c.Notes) != 1 || c.Notes[0].Text != want || len(problems) > 0 {
		t.Errorf("got %v %v, want %s", c.Notes, problems, want)
	}
}
