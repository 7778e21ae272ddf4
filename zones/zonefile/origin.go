package zonefile

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"tinycdn/zones/rr"
)

// ParseOrigin is the name of a zone as the configuration or a TOML zone has it, in wire form and lower case.
func ParseOrigin(name string) ([]byte, error) {
	wire, err := appendName(nil, []byte(name), rootName)
	if err != nil {
		return nil, fmt.Errorf("%q cannot be a zone's name: %v", name, err)
	}
	rr.Lower(wire)
	return wire, nil
}

// setOrigin takes the zone's name as the configuration, the TOML or the file's name has it.
func (r *reader) setOrigin(name string) error {
	wire, err := ParseOrigin(name)
	if err != nil {
		return err
	}
	r.zone.Origin = wire
	r.zone.OriginText = rr.NameText(wire)
	return nil
}

// What the field writes before and behind a zone's name to make it the name of a file.
var (
	fileFronts = []string{"db.", "pri.", "master.", "zone."}
	fileEnds   = []string{".toml", ".zone", ".db", ".hosts", ".dns", ".signed"}
)

// originOfFile is the zone's name where nothing else says it: the file's without what the field adds to it, which is up to
// two ends, and something in front. A second end and a front are only taken for that if a name with a dot is left: zone.eu
// and example.zone are domains.
func originOfFile(path string) string {
	name := filepath.Base(path)
	for cuts := range 2 {
		for _, end := range fileEnds {
			rest := len(name) - len(end)
			if rest > 0 && strings.EqualFold(name[rest:], end) && (cuts == 0 || strings.Contains(name[:rest], ".")) {
				name = name[:rest]
				break
			}
		}
	}
	for _, front := range fileFronts {
		if len(name) > len(front) && strings.EqualFold(name[:len(front)], front) && strings.Contains(name[len(front):], ".") {
			return name[len(front):]
		}
	}
	return name
}

// nameByEntry lets the entry at hand, up to the first record, say what a zone is called whose name was guessed from its file's:
// an owner of the SOA that is absolute, or relative to an absolute $ORIGIN, and else such an $ORIGIN, unless the guess lies below.
func (m *master) nameByEntry() {
	first := m.wordText(0)
	switch {
	case m.isDirective():
		isOrigin := strings.EqualFold(string(first), "$ORIGIN") && len(m.words) == 2 && isAbsolute(m.wordText(1))
		if isOrigin {
			m.originSaid = true
			m.nameBy(m.wordText(1), func(name []byte) bool { return !rr.IsBelow(m.zone.Origin, name) })
		}
		m.nameOpen = !strings.EqualFold(string(first), "$GENERATE")
	default:
		m.nameOpen = false
		if !m.indented && !m.words[0].quoted && m.isSOA() && (m.originSaid || isAbsolute(first)) {
			guessed := bytes.Equal(m.origin, m.zone.Origin) && !m.originSaid
			m.nameBy(first, func([]byte) bool { return true })
			if guessed { // names are relative to the zone's until $ORIGIN says another
				m.origin = m.zone.Origin
			}
		}
	}
}

// nameBy makes text the zone's name, if it is a name that will do.
func (m *master) nameBy(text []byte, will func(name []byte) bool) {
	name, err := appendName(nil, text, m.origin)
	if rr.Lower(name); err == nil && will(name) {
		m.zone.Origin, m.zone.OriginText, m.nameGuessed = name, rr.NameText(name), false
	}
}

// isSOA says whether the type of the record at hand is SOA: behind its owner, a TTL and a class.
func (m *master) isSOA() bool {
	for i := 1; i < len(m.words); i++ {
		text := m.wordText(i)
		if _, err := parseTTL(text); err != errNoTTL {
			continue
		}
		if isClass, err := checkClass(text); !isClass || err != nil {
			return strings.EqualFold(string(text), "SOA")
		}
	}
	return false
}

// isAbsolute says whether a name ends with the dot of the root. An escaped one is a part of its last label.
func isAbsolute(name []byte) bool {
	rest, dot := bytes.CutSuffix(name, []byte("."))
	return dot && (len(rest)-len(bytes.TrimRight(rest, `\\`)))%2 == 0
}

// setZoneName settles what a TOML zone is called; the configuration and the file must not contradict each other.
// It reports whether its records can be read.
func (t *tomlReader) setZoneName(configured, written, text string) bool {
	if node := t.doc.Node("origin"); node != nil && node.Kind() != "a string" { // told by the decoder
		t.salvageName(t.path, configured, text)
		return t.zone.Origin != nil
	}
	name := written
	switch {
	case name == "" && configured != "":
		name = configured
	case name == "":
		name = originOfFile(t.path)
		t.nameGuessed = true
	}
	if err := t.setOrigin(name); err != nil {
		t.problem(t.path, t.doc.Line("origin"), "%v", err)
		t.salvageName(t.path, configured, "")
		return false
	}
	if configured != "" && written != "" {
		wanted := &reader{}
		if err := wanted.setOrigin(configured); err != nil || wanted.zone.OriginText != t.zone.OriginText {
			t.problem(t.path, t.doc.Line("origin"), "origin is %q here, but the configuration says %q", written, configured)
			return false
		}
	}
	return true
}

// salvageName finds out what a zone is called whose file cannot be understood: the zone has failed, but under its own
// name, and goes on to answer as it did before. The configuration is surer than a line of a broken file.
func (r *reader) salvageName(path, configured, text string) {
	for _, name := range []string{configured, salvageOrigin(text), originOfFile(path)} {
		if name != "" && r.setOrigin(name) == nil {
			return
		}
	}
}

// originLine is a line that was meant to say origin = "example.org". The quotes may be what is wrong with it; what never
// had any is a name if it has a dot.
var originLine = regexp.MustCompile(`^\s*["']?origin["']?\s*=[\s\[]*(?:["']([^\s"'#]+)|([^\s"'#=,\[\]{}]+\.[^\s"'#=,\[\]{}]*))`)

// salvageOrigin reads what a broken TOML file says its zone is called, or "". Such keys stand before the first table.
func salvageOrigin(text string) string {
	for line := range strings.Lines(text) {
		if found := originLine.FindStringSubmatch(line); found != nil {
			return found[1] + found[2]
		}
		if strings.HasPrefix(strings.TrimSpace(line), "[") {
			break
		}
	}
	return ""
}
