package zonefile

import (
	"fmt"
	"hash/maphash"
	"io"
	"path/filepath"
	"strings"

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
	DNSSEC  *bool          `toml:"dnssec"`  // the zone is signed, with the key in its folder of keys; left out: it is as its files have it
	Records *tomlfile.Rows `toml:"records"` // name = { TYPE = data, geo = map, ttl = ... }
}

// largeTOML is how many octets make a file large: where it is not plain, it takes a hundred times that.
const largeTOML = 256 << 10

// tomlReader reads a TOML zone.
type tomlReader struct {
	*reader
	path    string
	doc     *tomlfile.Document
	ttls    ttls           // of every name that says none itself
	records *tomlfile.Rows // nil: none
	wrong   map[int]bool   // of these, by their place: those that are no name of the zone, which is told
	data    *lexer
}

func (r *reader) readTOMLZone(path, origin string) {
	text, err := r.readWhole(path)
	if err != nil {
		r.problem(path, 0, "%s", diag.Reason(err))
		r.salvageName(path, origin, "")
		return
	}
	var z tomlZone
	doc, problems := tomlfile.DecodeRows(path, text, &z)
	for _, p := range problems {
		r.problem(p.File, p.Line, "%s", p.Text)
	}
	if !doc.Root.IsTable() {
		r.salvageName(path, origin, strings.TrimPrefix(text, "\ufeff"))
		return
	}
	t := &tomlReader{reader: r, path: path, doc: doc, data: takeLexer()}
	defer t.data.release()
	t.ttls = t.readTTLs(z.TTL, "")
	if z.DNSSEC != nil && *z.DNSSEC {
		t.zone.DNSSEC = t.doc.Line("dnssec")
	}
	t.zone.Unsigned = z.DNSSEC != nil && !*z.DNSSEC
	if t.setZoneName(origin, z.Origin, text) {
		t.read(&z)
	}
}

// readWhole reads a file of the zone.
func (r *reader) readWhole(path string) (string, error) {
	file, err := r.openCounted(path, r.open)
	if err != nil {
		return "", err
	}
	defer file.Close()
	size := int(min(file.info.Size(), tomlfile.MaxSize))
	if size > largeTOML && r.bounded != nil {
		r.bounded.Large()
	}
	var text strings.Builder
	text.Grow(size)
	_, err = io.CopyBuffer(&text, io.LimitReader(file, tomlfile.MaxSize+1), make([]byte, min(1+size, largestRead)))
	if text.Len() > tomlfile.MaxSize {
		err = fmt.Errorf("is larger than %d MB: use a master file for a zone of this size", tomlfile.MaxSize>>20)
	}
	return text.String(), err
}

func (t *tomlReader) read(z *tomlZone) {
	t.checkNames(z.Records)
	t.findNameservers()
	keepSOA := t.keepsSOA(&z.SOA)
	if len(z.Include) > 0 {
		t.above = t.overrides(!keepSOA)
	}
	t.unsaidTTL = func(owner []byte, typ uint16) uint32 { return t.ttlOf(owner, new(ttls), typ) }
	for i := range z.Include {
		t.include(t.doc.Node("include"), i, z.Include[i])
	}
	for name := range t.names {
		if t.full() {
			return
		}
		t.emitName(name)
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
	m := &master{reader: t.reader, lexer: takeLexer(), path: path, included: true, origin: t.zone.Origin}
	defer m.lexer.release()
	if err := m.readFile(); err != nil {
		t.problem(t.path, node.Line, "include: %s: %v", path, err)
	}
}

// checkNames looks through the names of [records].
func (t *tomlReader) checkNames(records *tomlfile.Rows) {
	if records == nil {
		return
	}
	if node := records.Node(); !node.IsTable() {
		t.problem(t.path, node.Line, "records: want a table, not %s", node.Kind())
		return
	}
	t.records, t.wrong = records, map[int]bool{}
	lines := make(map[uint64]int, records.Len())
	seed := maphash.MakeSeed()
	place, owner := -1, []byte(nil)
	for text, node := range records.All {
		place++
		var err error
		owner, err = appendName(owner[:0], []byte(text), t.zone.Origin)
		rr.Lower(owner)
		hash := maphash.Bytes(seed, owner) // of 64 bits: two names with one are not to be found in a lifetime
		switch {
		case err != nil:
			t.problem(t.path, node.Line, "name %q %v", text, err)
		case !rr.IsBelow(owner, t.zone.Origin):
			t.problem(t.path, node.Line, "%s: outside zone %s (a name without a final dot is relative to the zone)", text, t.zone.OriginText)
		case !node.IsTable():
			t.problem(t.path, node.Line, `%s: want a table like { A = "192.0.2.1" }, not %s`, text, node.Kind())
		case lines[hash] > 0:
			t.problem(t.path, node.Line, "%s: this name stands on line %d already", text, lines[hash])
		default:
			lines[hash] = node.Line
			t.noteDoubled(t.path, node.Line, []byte(text), owner, len(t.zone.Origin))
			continue
		}
		t.wrong[place] = true
	}
}
