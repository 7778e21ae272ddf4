package zonefile

import "slices"

// overrides are the types that a TOML zone states for its names. Included files have no say in them:
// a zone that exists already then only needs its geo names in TOML.
type overrides map[string][]uint16

// replace reports whether the TOML has something in place of rec.
func (o overrides) replace(rec *Record) bool {
	return len(o) > 0 && slices.Contains(o[string(rec.Owner)], rec.Type)
}

// overrides lists what the TOML says. Addresses and CNAME are the same thing said in two ways, where the name leads:
// each replaces the other. A CNAME beside anything else is left for the checks to find.
func (t *tomlReader) overrides(soa bool) overrides {
	all := make(overrides)
	if soa {
		all[string(t.zone.Origin)] = []uint16{typeSOA}
	}
	for name := range t.names {
		types := all[string(name.owner)]
		for _, key := range name.node.Keys {
			if key == "geo" {
				types = append(types, typeA, typeAAAA, typeCNAME)
				continue
			}
			typ, err := parseType([]byte(key))
			if err != nil {
				continue // told when the name's records are made
			}
			types = append(types, typ)
			switch typ {
			case typeA, typeAAAA:
				types = append(types, typeCNAME)
			case typeCNAME:
				types = append(types, typeA, typeAAAA)
			}
		}
		all[string(name.owner)] = types
	}
	return all
}
