package zones

import (
	"fmt"
	"time"

	"tinycdn/zones/diag"
	"tinycdn/zones/records"
	"tinycdn/zones/sign"
	"tinycdn/zones/zonefile"
)

// Loaded is what came of reading a zone. With problems there is no zone.
type Loaded struct {
	Apex []byte // wire form, lower case; nil if not even the zone's name could be made out
	diag.Loaded[*Zone]
}

// Load reads the zone in the file at path, a TOML zone or a master file, and compiles it. An empty origin leaves
// the zone's name to the file (see zonefile.Read, also for from). maps are the names of the maps that geo names may use.
//
// It never ends the process: if odd data brings out a mistake of ours, that costs the zone and no more.
func Load(path, origin string, maps []string, from ...string) Loaded {
	return load(records.New(), path, maps, func(s *records.Set) (zonefile.Zone, []diag.Problem) {
		return zonefile.Read(path, origin, s, from...)
	})
}

// LoadCopy is Load of a copy of the zone, whose files lie below the folder under by their absolute paths (see zonefile.ReadCopy).
func LoadCopy(under, path, origin string, maps []string) Loaded {
	return load(records.New(), path, maps, func(s *records.Set) (zonefile.Zone, []diag.Problem) {
		return zonefile.ReadCopy(under, path, origin, s)
	})
}

// LoadNext is Load for what follows a zone that is served. Where the serial number is the time of the newest file, a zone
// whose files have changed gets one that is higher than before, even if it is the second edit within a second, or an older
// file with its time; and one whose files are as they were keeps its own (RFC 1982).
func LoadNext(path, origin string, maps []string, before *Zone, changed bool, from ...string) Loaded {
	serial := func(derived uint32) uint32 {
		switch {
		case !changed:
			return before.Serial
		case int32(derived-before.Serial) <= 0:
			return before.Serial + 1
		}
		return derived
	}
	return load(records.New(), path, maps, func(s *records.Set) (zonefile.Zone, []diag.Problem) {
		return zonefile.ReadNext(path, origin, s, serial, from...)
	})
}

func load(s *records.Set, path string, maps []string, read func(*records.Set) (zonefile.Zone, []diag.Problem)) (l Loaded) {
	defer func() {
		if fault := recover(); fault != nil {
			l.Value = nil
			l.Problems = append(l.Problems, diag.Problem{File: path, Line: 1, Text: fmt.Sprintf("the zone cannot be compiled, which is a bug in tinycdn; please report it: %v", fault)})
		}
		s.LeaveTurn()
		if l.Value != nil {
			s.Release()
		}
	}()
	s.Main, s.InTurn = path, true
	var expires time.Time
	zone, problems := read(s)
	l = Loaded{zone.Origin, diag.Loaded[*Zone]{Files: zone.Files, Problems: problems, Notes: zone.Notes}}
	if l.Apex != nil && s.Full() == nil {
		problems, notes := s.Check(l.Apex, maps, len(l.Problems) == 0)
		l.Problems, l.Notes = append(l.Problems, problems...), append(l.Notes, notes...)
		if s.Signing != nil && len(l.Problems) == 0 {
			found := sign.Check(s, l.Apex, time.Now())
			l.Problems, l.Notes, expires = found.Problems, append(l.Notes, found.Notes...), found.Expires
		}
		diag.Sort(l.Problems)
		diag.Sort(l.Notes)
	}
	if len(l.Problems) > 0 {
		return l
	}
	compiled, problem := compile(s, l.Apex)
	if problem != nil {
		l.Problems = append(l.Problems, *problem)
		return l
	}
	compiled.Expires = expires
	l.Value = compiled
	return l
}
