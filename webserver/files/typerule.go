package files

import (
	"mime"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// TypeRule gives the files of some paths a media type of their own.
type TypeRule struct {
	Pattern page.Pattern `toml:",key"`
	Type    string       `toml:",value"`
}

// mediaTypeName is a type and a subtype (RFC 6838, 4.2).
var mediaTypeName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$`)

// Check reports what is wrong with r, at its pattern.
func (r TypeRule) Check(report diag.Report) {
	r.Pattern.Check(report)
	name, _, _ := strings.Cut(r.Type, ";")
	if _, _, err := mime.ParseMediaType(r.Type); err != nil || strings.ContainsFunc(r.Type, unicode.IsControl) || !mediaTypeName.MatchString(strings.Trim(name, " \t")) {
		report(diag.At(string(r.Pattern)), `%q is no media type, such as "text/plain; charset=utf-8"`, r.Type)
	}
}

// typeOf is the media type of a file by its name: that of the first rule that fits its URL or its name, "/about" or
// "/about.html", else what is usual; said: a rule has said so.
func (c *Config) typeOf(name string) (mediaType string, said bool) {
	for _, r := range c.Types {
		if r.Pattern.Fits(clean(name)) || r.Pattern.Fits("/"+name) {
			return r.Type, true
		}
	}
	return typeOf(name), false
}

// mediaType is the media type of a file. Text that is not UTF-8 is of an age when pages named their encoding themselves.
func (c *Config) mediaType(name string, body []byte) string {
	t, said := c.typeOf(name)
	if bare, ok := strings.CutSuffix(t, "; charset=utf-8"); ok && !said && !utf8.Valid(body) {
		return bare
	}
	return t
}
