package zonefile

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"tinycdn/zones/diag"
)

// maxDepth bounds how deep files may include each other.
const maxDepth = 16

// directive does what a line with $ says.
func (m *master) directive(name string) error {
	var err error
	switch known := strings.ToUpper(name); known {
	case "$ORIGIN":
		err = m.directiveOrigin()
	case "$TTL":
		err = m.directiveTTL()
	case "$INCLUDE":
		err = m.directiveInclude()
	case "$GENERATE":
		err = m.directiveGenerate()
	default:
		hint := diag.DidYouMean(known, []string{"$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE"})
		return fmt.Errorf("unknown directive %q%s", name, hint)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// arguments says whether the directive has from least to most words after it.
func (m *master) arguments(least, most int, want string) error {
	if n := len(m.words) - 1; n < least || n > most {
		return errors.New("want " + want)
	}
	return nil
}

func (m *master) directiveOrigin() error {
	if err := m.arguments(1, 1, "one name"); err != nil {
		return err
	}
	origin, err := appendName(nil, m.wordText(1), m.origin)
	if err != nil {
		return fmt.Errorf("name %s %v", shorten(m.wordText(1)), err)
	}
	m.noteDoubled(m.path, m.line, m.wordText(1), origin, len(m.origin))
	m.origin = origin
	return nil
}

func (m *master) directiveTTL() error {
	if err := m.arguments(1, 1, "one time"); err != nil {
		return err
	}
	ttl, err := parseTTL(m.wordText(1))
	if err == errNoTTL {
		return fmt.Errorf("%q is not a time in seconds", m.wordText(1))
	}
	if err != nil {
		return err
	}
	m.ttl, m.ttlSet = ttl, true
	return nil
}

// directiveInclude reads another file with its own origin, owner and TTL; this file then goes on as before.
func (m *master) directiveInclude() error {
	if err := m.arguments(1, 2, "a file, and its origin if it has another"); err != nil {
		return err
	}
	path := string(m.wordText(1))
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(m.path), path)
	}
	origin, said := m.origin, m.originSaid
	if len(m.words) == 3 {
		said = said || isAbsolute(m.wordText(2))
		var err error
		if origin, err = appendName(nil, m.wordText(2), m.origin); err != nil {
			return fmt.Errorf("name %s %v", shorten(m.wordText(2)), err)
		}
	}
	parents := append(m.parents[:len(m.parents):len(m.parents)], filepath.Clean(m.path))
	for _, parent := range parents {
		if parent == filepath.Clean(path) {
			return fmt.Errorf("%s %w", path, diag.Kind("includes itself"))
		}
	}
	if len(parents) > maxDepth {
		return diag.Kind(fmt.Sprintf("files include each other more than %d deep", maxDepth))
	}
	inner := &master{reader: m.reader, lexer: takeLexer(), path: path, included: true, parents: parents, origin: origin, originSaid: said}
	defer inner.lexer.release()
	inner.ttl, inner.ttlSet, inner.last, inner.lastSet = m.ttl, m.ttlSet, m.last, m.lastSet
	if err := inner.readFile(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
