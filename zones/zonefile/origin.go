package zonefile

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// setOrigin takes the zone's name as the configuration, the TOML or the file's name has it.
func (r *reader) setOrigin(name string) error {
	wire, err := appendName(nil, []byte(name), rootName)
	if err != nil {
		return fmt.Errorf("%q cannot be a zone's name: %v", name, err)
	}
	Lower(wire)
	r.zone.Origin = wire
	r.zone.OriginText = NameText(wire)
	return nil
}

// originOfFile is the zone's name where nothing else says it.
func originOfFile(path string) string {
	name := filepath.Base(path)
	for _, ending := range []string{".toml", ".zone"} {
		if cut := len(name) - len(ending); cut > 0 && strings.EqualFold(name[cut:], ending) {
			return name[:cut]
		}
	}
	return name
}

// setZoneName settles what a TOML zone is called; the configuration and the file must not contradict each other.
// It reports whether its records can be read.
func (t *tomlReader) setZoneName(configured, written string, text []byte) bool {
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
		t.salvageName(t.path, configured, nil)
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
func (r *reader) salvageName(path, configured string, text []byte) {
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
func salvageOrigin(text []byte) string {
	for line := range strings.Lines(string(text)) {
		if found := originLine.FindStringSubmatch(line); found != nil {
			return found[1] + found[2]
		}
		if strings.HasPrefix(strings.TrimSpace(line), "[") {
			break
		}
	}
	return ""
}
