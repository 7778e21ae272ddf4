package zones

import (
	"fmt"

	"tinycdn/zones/diag"
	"tinycdn/zones/zonefile"
)

// Loaded is what came of reading a zone. With problems there is no zone.
type Loaded struct {
	Apex []byte // wire form, lower case; nil if not even the zone's name could be made out
	diag.Loaded[*Zone]
}

// Load reads the zone in the file at path, a TOML zone or a master file, and compiles it. An empty origin leaves
// the zone's name to the file (see zonefile.Read). maps are the names of the maps that geo names may use.
//
// It never ends the process: if odd data brings out a mistake of ours, that costs the zone and no more.
func Load(path, origin string, maps []string) (l Loaded) {
	defer func() {
		if fault := recover(); fault != nil {
			l.Value = nil
			l.Problems = append(l.Problems, diag.Problem{File: path, Line: 1, Text: fmt.Sprintf("the zone cannot be compiled, which is a bug in tinycdn; please report it: %v", fault)})
		}
	}()
	s := newRecordSet()
	read, problems := zonefile.Read(path, origin, s)
	l = Loaded{read.Origin, diag.Loaded[*Zone]{Files: read.Files, Problems: problems, Notes: read.Notes}}
	if s.mem.full {
		l.Problems = append(l.Problems, diag.Problem{File: path, Text: "the zone is larger than 4 GB"})
	}
	if l.Apex != nil && !s.mem.full {
		problems, notes := s.check(l.Apex, path, maps, len(l.Problems) == 0)
		l.Problems, l.Notes = append(l.Problems, problems...), append(l.Notes, notes...)
		sortProblems(l.Problems)
		sortProblems(l.Notes)
	}
	if len(l.Problems) > 0 {
		return l
	}
	zone, problem := s.compile(l.Apex)
	if problem != nil {
		l.Problems = append(l.Problems, *problem)
		return l
	}
	l.Value = zone
	return l
}
