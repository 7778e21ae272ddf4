package zonefile

import (
	"fmt"
	"strings"

	"tinycdn/zones/diag"
	"tinycdn/zones/rr"
	"tinycdn/zones/tomlfile"
)

// What a TOML zone says of TTLs where it says nothing.
const (
	defaultTTL = 300   // short, so that a geo name follows its map
	serverTTL  = 86400 // of the zone's NS records and the addresses of those servers: every resolver needs them again and again
)

// typeGeo stands for geo among types, of which 0 is none.
const typeGeo = 0

// ttls are what a key ttl says: one time for everything, or times by type.
type ttls struct {
	types map[uint16]uint32
	rest  *uint32 // of the types that are not named
}

// of is the TTL of a type. What a map gives are addresses: said of both, the lower one holds, since they go together.
func (s *ttls) of(typ uint16) (ttl uint32, said bool) {
	if ttl, said = s.types[typ]; said {
		return ttl, true
	}
	if typ == typeGeo {
		a, saidA := s.types[typeA]
		aaaa, saidAAAA := s.types[typeAAAA]
		switch {
		case saidA && saidAAAA:
			return min(a, aaaa), true
		case saidA:
			return a, true
		case saidAAAA:
			return aaaa, true
		}
	}
	if s.rest != nil {
		return *s.rest, true
	}
	return 0, false
}

// ttlOf is the TTL of a type at a name that says own of it: what stands nearest holds.
func (t *tomlReader) ttlOf(owner []byte, own *ttls, typ uint16) uint32 {
	for _, level := range []*ttls{own, &t.ttls} {
		if ttl, said := level.of(typ); said {
			return ttl
		}
	}
	isApex := len(owner) == len(t.zone.Origin)
	if typ == typeNS && isApex || (typ == typeA || typ == typeAAAA) && t.nameservers[string(owner)] {
		return serverTTL
	}
	return defaultTTL
}

// readTTLs reads the value of a key ttl; before stands in front of what is wrong with it.
func (t *tomlReader) readTTLs(node *tomlfile.Node, before string) (s ttls) {
	if node == nil {
		return s
	}
	if !node.IsTable() {
		s.rest = t.readTTL(node, before+"ttl")
		return s
	}
	s.types = make(map[uint16]uint32)
	for _, key := range node.Keys {
		what := before + "ttl." + key
		typ, err := uint16(typeGeo), error(nil)
		switch {
		case key == "default":
			s.rest = t.readTTL(node.Table[key], what)
			continue
		case key == "geo":
		case key != strings.ToUpper(key):
			err = fmt.Errorf("unknown key %q%s", key, diag.DidYouMean(key, append([]string{"default", "geo"}, dataTypes()...)))
		default:
			typ, err = parseType([]byte(key))
		}
		if err != nil {
			t.problem(t.path, node.Table[key].Line, "%sttl: %v", before, err)
		} else if ttl := t.readTTL(node.Table[key], what); ttl != nil {
			s.types[typ] = *ttl
		}
	}
	return s
}

// readTTL reads one time, or tells what is wrong with it.
func (t *tomlReader) readTTL(node *tomlfile.Node, what string) *uint32 {
	var ttl seconds
	if err := ttl.UnmarshalText([]byte(fmt.Sprint(node.Value))); err != nil {
		t.problem(t.path, node.Line, "%s: %v", what, err)
		return nil
	}
	return (*uint32)(&ttl)
}

// findNameservers notes the targets of the zone's NS records that the TOML has; those of included files come as they are read.
func (t *tomlReader) findNameservers() {
	for name := range t.names {
		node := name.node.Table["NS"]
		if node == nil || len(name.owner) != len(t.zone.Origin) {
			continue
		}
		texts, _ := node.Strings() // what is wrong with them is told when the records are made
		for _, text := range texts {
			if target, err := appendName(nil, []byte(text.Text()), t.zone.Origin); err == nil {
				t.addNameserver(target)
			}
		}
	}
}

func (r *reader) addNameserver(target []byte) {
	if r.nameservers == nil {
		r.nameservers = make(map[string]bool)
	}
	target = append([]byte{}, target...)
	rr.Lower(target)
	r.nameservers[string(target)] = true
}

// noteUnusedTTLs notes times for types that a name does not have.
func (t *tomlReader) noteUnusedTTLs(name *tomlName, node *tomlfile.Node) {
	has := make(map[uint16]bool)
	for _, key := range name.node.Keys {
		if typ, err := parseType([]byte(key)); err == nil {
			has[typ] = true
		} else if key == "geo" {
			has[typeGeo], has[typeA], has[typeAAAA] = true, true, true
		}
	}
	for _, key := range node.Keys {
		typ, err := parseType([]byte(key))
		if key == "geo" {
			typ, err = typeGeo, nil
		}
		if err == nil && !has[typ] {
			t.note(t.path, node.Table[key].Line, "%s: ttl: no %s stands beside it", name.text, key)
		}
	}
}
