package front

import "testing"

func TestALinkMayStandInATableOfTheAuthorsOwn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"+++\n[extra]\nlink = 'https://example.org/'\n+++\n", "https://example.org/"},
		{"---\nparams: {Link: https://example.org/}\n---\n", "https://example.org/"},
		{"---\nextra: &x\n  link: //example.org/\nparams: *x\n---\n", "//example.org/"},
		{"+++\nlink = '/here'\n[extra]\nlink = 'https://example.org/'\n+++\n", "/here"},
		{"+++\nlink = ''\n[extra]\nlink = 'https://example.org/'\n+++\n", "https://example.org/"},
		{"+++\nlink = 'no'\n[extra]\nlink = ''\n+++\n", ""},
		{"+++\n[other]\nlink = 'https://example.org/'\n+++\n", ""},
	} {
		if m, mistakes, _ := parse([]byte(test.text)); m.Link != test.want || len(mistakes) > 0 {
			t.Errorf("%q: got %q, %v, want %q", test.text, m.Link, mistakes, test.want)
		}
	}
}
