package zonefile

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"tinycdn/zones/tomlfile"
)

// tomlZone is what a TOML zone may say.
type tomlZone struct {
	Origin  string           `toml:"origin"`  // left out: the file's name
	TTL     *seconds         `toml:"ttl"`     // of every name that has none of its own
	SOA     soaFields        `toml:"soa"`     // left out: that of an included file, else the defaults
	Include tomlfile.Strings `toml:"include"` // master files whose records the TOML adds to
	Records *tomlfile.Node   `toml:"records"` // name = { TYPE = data, geo = map, ttl = seconds }
}

// defaultTTL is that of a TOML zone which says none: short, so that a geo name follows its map.
const defaultTTL = 300

// tomlReader reads a TOML zone.
type tomlReader struct {
	*reader
	path  string
	doc   *tomlfile.Document
	ttl   uint32
	names []tomlName
	data  lexer
}

// tomlName is a name of [records].
type tomlName struct {
	text  string // as written
	owner []byte
	ttl   uint32
	node  *tomlfile.Node
}

func (r *reader) readTOMLZone(path, origin string) {
	file, err := r.openCounted(path)
	if err != nil {
		r.problem(path, 0, "%s", tomlfile.Reason(err))
		return
	}
	data, err := io.ReadAll(file)
	file.Close()
	if err != nil {
		r.problem(path, 0, "%s", tomlfile.Reason(err))
		return
	}
	var z tomlZone
	doc, problems := tomlfile.Decode(path, data, &z)
	for _, p := range problems {
		r.problem(p.File, p.Line, "%s", p.Text)
	}
	t := &tomlReader{reader: r, path: path, doc: doc, ttl: z.TTL.or(defaultTTL)}
	if t.setZoneName(origin, z.Origin) {
		t.read(&z)
	}
}

// setZoneName settles what the zone is called; the configuration and the file must not contradict each other.
func (t *tomlReader) setZoneName(configured, written string) bool {
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

func (t *tomlReader) read(z *tomlZone) {
	t.collectNames(z.Records)
	t.above = t.overrides(t.doc.Node("soa") != nil)
	for i := range z.Include {
		t.include(t.doc.Node("include"), i, z.Include[i])
	}
	for _, name := range t.names {
		if t.full() {
			return
		}
		t.emitName(&name)
	}
	if t.doc.Node("soa") != nil || !t.foundSOA {
		t.emitSOA(&z.SOA)
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
	m := &master{reader: t.reader, lexer: new(lexer), path: path, origin: t.zone.Origin}
	m.ttl, m.ttlSet = t.ttl, true
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
	lines := make(map[string]int)
	for _, text := range records.Keys {
		node := records.Table[text]
		owner, err := appendName(nil, []byte(text), t.zone.Origin)
		lower(owner)
		switch {
		case err != nil:
			t.problem(t.path, node.Line, "name %q %v", text, err)
		case !isBelow(owner, t.zone.Origin):
			t.problem(t.path, node.Line, "%s: outside zone %s (a name without a final dot is relative to the zone)", text, t.zone.OriginText)
		case !node.IsTable():
			t.problem(t.path, node.Line, `%s: want a table like { A = "192.0.2.1" }, not %s`, text, node.Kind())
		case lines[string(owner)] > 0:
			t.problem(t.path, node.Line, "%s: this name stands on line %d already", text, lines[string(owner)])
		default:
			lines[string(owner)] = node.Line
			t.names = append(t.names, tomlName{text, owner, t.nameTTL(text, node), node})
		}
	}
}

// nameTTL is a name's own TTL, or else the zone's.
func (t *tomlReader) nameTTL(name string, node *tomlfile.Node) uint32 {
	own := node.Table["ttl"]
	if own == nil {
		return t.ttl
	}
	ttl, err := parseTTL([]byte(fmt.Sprint(own.Value)))
	if err != nil {
		t.problem(t.path, own.Line, "%s: ttl: %v", name, errSeconds)
	}
	return ttl
}

// emitName gives the sink what the TOML says of a name.
func (t *tomlReader) emitName(name *tomlName) {
	for _, key := range name.node.Keys {
		value := name.node.Table[key]
		var err error
		switch {
		case key == "ttl":
		case key == "geo":
			err = t.emitGeo(name, value)
		case key == strings.ToUpper(key):
			err = t.emitType(name, key, value)
		default:
			err = unknownWord(key, value)
		}
		if err != nil {
			t.problem(t.path, value.Line, "%s: %v", name.text, err)
		}
	}
}

func unknownWord(key string, value *tomlfile.Node) error {
	if value.IsTable() {
		return fmt.Errorf("%q: a name with a dot in it must stand in quotes, and a type in capitals", key)
	}
	if upper := strings.ToUpper(key); slices.Contains(dataTypes(), upper) {
		return fmt.Errorf("unknown key %q (types are written in capitals: %s)", key, upper)
	}
	return fmt.Errorf("unknown key %q%s", key, tomlfile.DidYouMean(key, append([]string{"geo", "ttl"}, dataTypes()...)))
}

func (t *tomlReader) emitGeo(name *tomlName, value *tomlfile.Node) error {
	if value.Value == "" {
		return errors.New("geo: want the name of a map, not an empty string")
	}
	if value.Text() == "" {
		return fmt.Errorf("geo: want the name of a map, not %s", value.Kind())
	}
	for _, typ := range []string{"A", "AAAA", "CNAME"} {
		if other := name.node.Table[typ]; other != nil {
			return fmt.Errorf("geo and %s at the same name (line %d): the map gives the addresses, keep one of the two", typ, other.Line)
		}
	}
	t.sink.Geo(&Geo{Owner: name.owner, Map: value.Text(), TTL: name.ttl, File: t.path, Line: value.Line})
	return nil
}

// emitType gives the sink a record for each string.
func (t *tomlReader) emitType(name *tomlName, key string, value *tomlfile.Node) error {
	typ, err := parseType([]byte(key))
	if err != nil {
		return err
	}
	if typ == typeSOA {
		return errors.New("SOA: written as soa = { mname = ..., rname = ... } at the top of the file")
	}
	texts, err := value.Strings()
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	if len(texts) == 0 {
		return fmt.Errorf("%s: the list is empty", key)
	}
	for _, text := range texts {
		if err := t.buildData(typ, text.Text()); err != nil {
			t.problem(t.path, text.Line, "%s: %s: %v", name.text, key, err)
			continue
		}
		t.record = Record{Owner: name.owner, Type: typ, TTL: name.ttl, Data: t.rdata.data, File: t.path, Line: text.Line}
		t.emit(&t.record)
	}
	return nil
}

// buildData makes RDATA of a string in presentation format.
func (t *tomlReader) buildData(typ uint16, text string) error {
	b := &t.rdata
	if (typ == typeTXT || typ == typeSPF) && !strings.HasPrefix(text, `"`) && !strings.HasPrefix(text, `\#`) {
		return b.plainText(text)
	}
	t.data.reset(strings.NewReader(text))
	if ok, err := t.data.next(); err != nil {
		return err
	} else if !ok {
		return errors.New("has no data")
	}
	b.text, b.words, b.origin = t.data.text, t.data.words, t.zone.Origin
	if err := b.build(typ); err != nil {
		return err
	}
	if ok, _ := t.data.next(); ok {
		return errors.New("more than one line: each record is a string of its own, in a list")
	}
	return nil
}

// plainText makes TXT data of a text without quotes of its own, in pieces of 255 octets.
func (b *builder) plainText(text string) error {
	b.data = b.data[:0]
	for first := true; first || text != ""; first = false {
		piece := text[:min(255, len(text))]
		b.data = append(b.data, byte(len(piece)))
		b.data = append(b.data, piece...)
		text = text[len(piece):]
	}
	if len(b.data) > maxData {
		return fmt.Errorf("has %d octets of data; the most is %d", len(b.data), maxData)
	}
	return nil
}
