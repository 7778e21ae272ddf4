package zonefile

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"

	"tinycdn/zones/diag"
	"tinycdn/zones/rr"
	"tinycdn/zones/tomlfile"
)

// tomlZone is what a TOML zone may say.
type tomlZone struct {
	Origin  string         `toml:"origin"`  // left out: the file's name
	TTL     *tomlfile.Node `toml:"ttl"`     // of every name that has none of its own: a time, or { TYPE = time }
	SOA     soaFields      `toml:"soa"`     // left out: the defaults
	Include []string       `toml:"include"` // master files whose records the TOML adds to
	Records *tomlfile.Node `toml:"records"` // name = { TYPE = data, geo = map, ttl = ... }
}

// tomlReader reads a TOML zone.
type tomlReader struct {
	*reader
	path  string
	doc   *tomlfile.Document
	ttls  ttls // of every name that says none itself
	names []tomlName
	data  lexer
}

// tomlName is a name of [records].
type tomlName struct {
	text  string // as written
	owner []byte
	ttls  ttls
	node  *tomlfile.Node
}

func (r *reader) readTOMLZone(path, origin string) {
	data, err := r.readWhole(path)
	if err != nil {
		r.problem(path, 0, "%s", diag.Reason(err))
		r.salvageName(path, origin, nil)
		return
	}
	var z tomlZone
	doc, problems := tomlfile.Decode(path, data, &z)
	for _, p := range problems {
		r.problem(p.File, p.Line, "%s", p.Text)
	}
	if !doc.Root.IsTable() {
		r.salvageName(path, origin, bytes.TrimPrefix(data, []byte("\ufeff")))
		return
	}
	t := &tomlReader{reader: r, path: path, doc: doc}
	t.ttls = t.readTTLs(z.TTL, "")
	if t.setZoneName(origin, z.Origin, data) {
		t.read(&z)
	}
}

// readWhole reads a file of the zone.
func (r *reader) readWhole(path string) ([]byte, error) {
	file, err := r.openCounted(path, r.open)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, tomlfile.MaxSize+1))
	if len(data) > tomlfile.MaxSize {
		err = fmt.Errorf("is larger than %d MB: use a master file for a zone of this size", tomlfile.MaxSize>>20)
	}
	return data, err
}

func (t *tomlReader) read(z *tomlZone) {
	t.collectNames(z.Records)
	t.findNameservers()
	keepSOA := t.keepsSOA(&z.SOA)
	if len(z.Include) > 0 {
		t.above = t.overrides(!keepSOA)
	}
	t.unsaidTTL = func(owner []byte, typ uint16) uint32 { return t.ttlOf(owner, new(ttls), typ) }
	for i := range z.Include {
		t.include(t.doc.Node("include"), i, z.Include[i])
	}
	for _, name := range t.names {
		if t.full() {
			return
		}
		t.emitName(&name)
	}
	switch {
	case !keepSOA:
		t.emitSOA(&z.SOA)
	case !t.foundSOA && t.mistakes == 0:
		t.problem(t.path, t.doc.Line("soa"), `soa: "include", but no included file has an SOA record of the zone`)
	}
}

// include reads a master file, whose records without a TTL have that of the TOML zone.
func (t *tomlReader) include(node *tomlfile.Node, i int, path string) {
	if i < len(node.List) {
		node = node.List[i]
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(t.path), path)
	}
	if isTOML(path) {
		t.problem(t.path, node.Line, "include: %s: a TOML zone includes master files only", path)
		return
	}
	m := &master{reader: t.reader, lexer: new(lexer), path: path, included: true, origin: t.zone.Origin}
	if err := m.readFile(); err != nil {
		t.problem(t.path, node.Line, "include: %s: %v", path, err)
	}
}

// collectNames reads the names of [records] and their TTLs.
func (t *tomlReader) collectNames(records *tomlfile.Node) {
	if records == nil {
		return
	}
	if !records.IsTable() {
		t.problem(t.path, records.Line, "records: want a table, not %s", records.Kind())
		return
	}
	lines := make(map[string]int, len(records.Keys))
	t.names = make([]tomlName, 0, len(records.Keys))
	for _, text := range records.Keys {
		node := records.Table[text]
		owner, err := appendName(nil, []byte(text), t.zone.Origin)
		rr.Lower(owner)
		switch {
		case err != nil:
			t.problem(t.path, node.Line, "name %q %v", text, err)
		case !rr.IsBelow(owner, t.zone.Origin):
			t.problem(t.path, node.Line, "%s: outside zone %s (a name without a final dot is relative to the zone)", text, t.zone.OriginText)
		case !node.IsTable():
			t.problem(t.path, node.Line, `%s: want a table like { A = "192.0.2.1" }, not %s`, text, node.Kind())
		case lines[string(owner)] > 0:
			t.problem(t.path, node.Line, "%s: this name stands on line %d already", text, lines[string(owner)])
		default:
			lines[string(owner)] = node.Line
			t.noteDoubled(t.path, node.Line, []byte(text), owner, len(t.zone.Origin))
			t.names = append(t.names, tomlName{text, owner, t.readTTLs(node.Table["ttl"], text+": "), node})
		}
	}
}
