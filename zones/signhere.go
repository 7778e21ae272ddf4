package zones

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"time"

	"tinycdn/zones/diag"
	"tinycdn/zones/records"
	"tinycdn/zones/rr"
	"tinycdn/zones/sign"
	"tinycdn/zones/zonefile"
)

func (s *Signing) now() time.Time {
	if s.Clock == nil {
		return time.Now()
	}
	return s.Clock()
}

// farAhead is how far the time of a file may lie in the future, as in zonefile.
const farAhead = 24 * time.Hour

// signingTime is when the zone is signed: a clock that has fallen back, as after a start without a battery, is behind the files.
func (s *Signing) signingTime(files diag.Files) time.Time {
	now := s.now()
	at := now
	for _, info := range files {
		if info != nil && !info.IsDir() && info.ModTime().After(at) && info.ModTime().Before(now.Add(farAhead)) {
			at = info.ModTime()
		}
	}
	return at
}

// sign signs the records of a zone whose file wants that. nil: it does not, or something is wrong with it or its key.
func (l *Loaded) sign(s *records.Set, zone *zonefile.Zone, before *Zone, by *Signing) *sign.Signer {
	if zone.DNSSEC == 0 {
		if !zone.Unsigned {
			l.tellOfKey(s, before, by)
		}
		return nil
	}
	if by.Keys == "" {
		l.Problems = append(l.Problems, diag.Problem{File: s.Main, Line: zone.DNSSEC, Text: "dnssec = true, and there is no folder of keys here"})
		return nil
	}
	found := sign.ReadKey(by.Keys, l.Apex)
	at := by.signingTime(l.Files)
	for path, info := range found.Files {
		l.Files[strings.TrimPrefix(path, by.under)] = info
	}
	good := len(l.Problems) == 0
	l.Problems, l.Notes = append(l.Problems, found.Problems...), append(l.Notes, found.Notes...)
	if found.Key == nil || !good {
		return nil
	}
	if before != nil && before.signer() != nil && !bytes.Equal(before.signer().Key.Data, found.Key.Data) {
		l.Problems = append(l.Problems, diag.Problem{File: s.Main, Line: zone.DNSSEC, Text: fmt.Sprintf("the zone was signed by key %d until now, and in %s lies key %d, which resolvers do not know (put the other back; or take the DS from the parent, wait for its TTL, and say dnssec = false until that is served)", before.signer().Key.Tag, sign.Folder(by.Keys, l.Apex), found.Key.Tag)})
		return nil
	}
	s.SignedHere = true
	signer := sign.NewSigner(l.Apex, found.Key, by.Cache, at)
	raiseSerial(s, l.Apex, zone.SerialWritten, signer)
	l.Problems = append(l.Problems, signer.Zone(s, zone.DNSSEC)...)
	return signer
}

// tellOfKey tells that a zone has a key, and is not signed with it. If it was until now, it stays so: as long as there is a DS at the parent,
// it would be bogus for whoever validates.
func (l *Loaded) tellOfKey(s *records.Set, before *Zone, by *Signing) {
	if before != nil && before.signer() != nil {
		l.Problems = append(l.Problems, diag.Problem{File: s.Main, Line: 1, Text: "the zone was signed until now, and no longer says dnssec = true (once there is no DS at the parent any more, say dnssec = false)"})
		return
	}
	if by.Keys == "" {
		return
	}
	folder := sign.Folder(by.Keys, l.Apex)
	if info, err := os.Stat(folder); err == nil && sign.HasKey(folder) {
		l.Files[folder] = info
		l.Notes = append(l.Notes, diag.Problem{File: s.Main, Line: 1, Text: fmt.Sprintf("there is a key in %s, and the zone is not signed with it (dnssec = true in the zone's TOML has it signed; dnssec = false says that this is meant)", folder)})
	}
}

// raiseSerial has the serial number of a zone rise when it is signed anew.
func raiseSerial(s *records.Set, apex []byte, written bool, signer *sign.Signer) {
	o, there := s.Find(apex)
	if !there {
		return
	}
	for _, soa := range s.OfType(nil, o, rr.TypeSOA) {
		_, _, numbers := rr.SplitSOA(soa.Data)
		binary.BigEndian.PutUint32(numbers, sign.Serial(rr.SerialOf(soa.Data), written, signer.Renewed()))
	}
}

// RenewAt is when the zone is to be loaded again, to be signed anew; zero: it is not signed here.
func (z *Zone) RenewAt() time.Time {
	if z.signer() == nil {
		return time.Time{}
	}
	return z.signer().Next()
}
