package content

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ignored are the files that the site's settings take out of it: by Zola's patterns and Hugo's regular expressions.
type ignored []*regexp.Regexp

// has says whether a file of the folder home is left out.
func (i ignored) has(home, file string) bool {
	for _, pattern := range i {
		if pattern.MatchString("/"+home+"/"+file) || pattern.MatchString(file) {
			return true
		}
	}
	return false
}

// add adds the patterns that the value of a setting has.
func (i *ignored) add(value any, expressions bool) error {
	for _, value := range listOf(value) {
		text, ok := value.(string)
		if !ok {
			return errors.New("want a list of patterns")
		}
		compile := glob
		if expressions {
			compile = regexp.Compile
		}
		pattern, err := compile(text)
		if err != nil {
			return fmt.Errorf("%q is no pattern: %w", text, err)
		}
		*i = append(*i, pattern)
	}
	return nil
}

// glob makes a regular expression of a pattern as Zola has them: a star crosses slashes, and ** is as good as one. A
// pattern without the whole path means files and folders of that name anywhere.
func glob(pattern string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`^(?:.*/)?`)
	braces := 0
	rest := strings.TrimSuffix(strings.TrimPrefix(pattern, "./"), "/")
	for rest != "" {
		c := rest[0]
		rest = rest[1:]
		switch end := strings.IndexByte(rest, ']'); {
		case c == '*' && strings.HasPrefix(rest, "*/"):
			b.WriteString(`(?:.*/)?`)
			rest = rest[2:]
		case c == '*':
			b.WriteString(`.*`)
			rest = strings.TrimLeft(rest, "*")
		case c == '?':
			b.WriteByte('.')
		case c == '[' && end > 0:
			class := rest[:end]
			if class[0] == '!' {
				class = "^" + class[1:]
			}
			b.WriteString("[" + strings.ReplaceAll(class, `\`, `\\`) + "]")
			rest = rest[end+1:]
		case c == '{':
			braces++
			b.WriteString(`(?:`)
		case c == '}' && braces > 0:
			braces--
			b.WriteByte(')')
		case c == ',' && braces > 0:
			b.WriteByte('|')
		default:
			if c == '\\' && rest != "" {
				c, rest = rest[0], rest[1:]
			}
			b.WriteString(regexp.QuoteMeta(string([]byte{c})))
		}
	}
	b.WriteString(`(?:/.*)?$`)
	return regexp.Compile(b.String())
}
