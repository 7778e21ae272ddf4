package zonefile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tinycdn/zones/diag"
	"tinycdn/zones/rr"
	"tinycdn/zones/tomlfile"
)

// tomlName is a name of [records].
type tomlName struct {
	text  string // as written
	owner []byte
	ttls  ttls
	node  *tomlfile.Node
}

// names gives those that are right, each until the next one comes.
func (t *tomlReader) names(yield func(*tomlName) bool) {
	if t.records == nil {
		return
	}
	place, name := -1, tomlName{}
	for text, node := range t.records.All {
		if place++; t.wrong[place] {
			continue
		}
		owner, _ := appendName(name.owner[:0], []byte(text), t.zone.Origin)
		rr.Lower(owner)
		if name = (tomlName{text: text, owner: owner, node: node}); !yield(&name) {
			return
		}
	}
}

// emitName gives the sink what the TOML says of a name.
func (t *tomlReader) emitName(name *tomlName) {
	name.ttls = t.readTTLs(name.node.Table["ttl"], name.text+": ")
	if len(name.node.Keys) == 0 || len(name.node.Keys) == 1 && name.node.Keys[0] == "ttl" {
		t.problem(t.path, name.node.Line, "%s: says nothing: give it a type or geo", name.text)
	}
	for _, key := range name.node.Keys {
		value := name.node.Table[key]
		var err error
		switch {
		case key == "ttl":
			t.noteUnusedTTLs(name, value)
		case key == "geo":
			err = t.emitGeo(name, value)
		case key == "where":
			err = name.checkWhere(value)
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
	upper := strings.ToUpper(key)
	if slices.Contains(dataTypes(), upper) {
		return fmt.Errorf("unknown key %q (types are written in capitals: %s)", key, upper)
	}
	if _, ok := foreign[upper]; ok {
		return fmt.Errorf("unknown key %q%s", key, foreignHint(upper))
	}
	return fmt.Errorf("unknown key %q%s", key, diag.DidYouMean(key, append([]string{"geo", "ttl", "where"}, dataTypes()...)))
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
	ttl := t.ttlOf(name.owner, &name.ttls, typeGeo)
	t.noteTTL(t.path, value.Line, name.owner, ttl)
	t.sink.Geo(&Geo{Owner: name.owner, Map: value.Text(), TTL: ttl, Where: name.tellsWhere(), File: t.path, Line: value.Line})
	t.askRoom(t.path, value.Line)
	return nil
}

// tellsWhere says whether a geo name has a TXT record that tells whom its map gives whoever asks.
func (n *tomlName) tellsWhere() bool {
	where := n.node.Table["where"]
	return where != nil && where.Value == true
}

// checkWhere says what is wrong with that word.
func (n *tomlName) checkWhere(value *tomlfile.Node) error {
	switch on, isBool := value.Value.(bool); {
	case !isBool:
		return fmt.Errorf("where: want true or false, not %s", value.Kind())
	case on && n.node.Table["geo"] == nil:
		return errors.New("where: want geo beside it: TXT of this name tells whom that map gives whoever asks")
	}
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
	ttl := t.ttlOf(name.owner, &name.ttls, typ)
	for _, text := range texts {
		if err := t.buildData(typ, text.Text()); err != nil {
			t.problem(t.path, text.Line, "%s: %s: %v", name.text, key, err)
			continue
		}
		t.record = Record{Owner: name.owner, Type: typ, TTL: ttl, Data: t.rdata.data, File: t.path, Line: text.Line}
		t.emit(&t.record)
	}
	return nil
}
