package zones

import (
	"fmt"
	"math"
	"path/filepath"
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

// A Loader reads zones, by what is known beside their files.
type Loader struct {
	Maps []string // the names of those that geo names may use
	From []string // folders beside a zone's own from which it may include files (see zonefile.Read)
	Signing
}

// Signing is what zones are signed by that want to be.
type Signing struct {
	Keys     string           // a folder with one for the keys of each zone; "": there are none
	Families records.Families // of the maps; one that is not among them has both
	Cache    *sign.Cache      // of signatures; nil: nothing is remembered
	Clock    func() time.Time // nil: time.Now

	under string // of a copy: where it lies
}

// Load reads the zone in the file at path, a TOML zone or a master file, and compiles it. An empty origin leaves
// the zone's name to the file (see zonefile.Read, also for from). maps are the names of the maps that geo names may use.
//
// It never ends the process: if odd data brings out a mistake of ours, that costs the zone and no more.
func Load(path, origin string, maps []string, from ...string) Loaded {
	return Loader{Maps: maps, From: from}.Load(path, origin)
}

// Load is the function Load.
func (o Loader) Load(path, origin string) Loaded {
	return o.load(records.New(), path, nil, func(s *records.Set) (zonefile.Zone, []diag.Problem) {
		return zonefile.Read(path, origin, s, o.From...)
	})
}

// LoadCopy is Load of a copy of the zone, whose files lie below the folder under by their absolute paths (see zonefile.ReadCopy).
func (o Loader) LoadCopy(under, path, origin string) Loaded {
	if keys, err := filepath.Abs(o.Keys); err == nil && o.Keys != "" {
		o.under, o.Keys = under, filepath.Join(under, keys) // they are files of the zone
	}
	return o.load(records.New(), path, nil, func(s *records.Set) (zonefile.Zone, []diag.Problem) {
		return zonefile.ReadCopy(under, path, origin, s)
	})
}

// LoadNext is Load for what follows a zone that is served. Where the serial number is the time of the newest file, a zone
// whose files have changed gets one that is higher than before, even if it is the second edit within a second, or an older
// file with its time; and one whose files are as they were keeps its own (RFC 1982), until it is signed anew.
func (o Loader) LoadNext(path, origin string, before *Zone, changed bool) Loaded {
	serial := func(derived uint32) uint32 {
		switch {
		case !changed:
			return before.Serial
		case int32(derived-before.Serial) <= 0:
			return before.Serial + 1
		}
		return derived
	}
	return o.load(records.New(), path, before, func(s *records.Set) (zonefile.Zone, []diag.Problem) {
		return zonefile.ReadNext(path, origin, s, serial, o.From...)
	})
}

func (o Loader) load(s *records.Set, path string, before *Zone, read func(*records.Set) (zonefile.Zone, []diag.Problem)) (l Loaded) {
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
	s.Main, s.InTurn, s.Families = path, true, o.Families
	zone, problems := read(s)
	l = Loaded{zone.Origin, diag.Loaded[*Zone]{Files: zone.Files, Problems: problems, Notes: zone.Notes}}
	var signer *sign.Signer
	var expires time.Time
	if l.Apex != nil && s.Full() == nil {
		signer = l.sign(s, &zone, before, &o.Signing)
		problems, notes := s.Check(l.Apex, o.Maps, len(l.Problems) == 0)
		l.Problems, l.Notes = append(l.Problems, problems...), append(l.Notes, notes...)
		switch {
		case s.Signing == nil || len(l.Problems) > 0:
		case signer != nil:
			expires = signer.Expires()
		default:
			found := sign.Check(s, l.Apex, o.now())
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
	if signer != nil {
		compiled.denials.signer, compiled.denials.families = signer, o.Families
	} else if s.Signing != nil {
		compiled.denials.expires = uint32(min(expires.Unix(), math.MaxUint32))
	}
	l.Value = compiled
	return l
}
