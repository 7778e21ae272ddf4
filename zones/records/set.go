// Package records holds the records of a zone between reading and compiling, finds what is wrong between them, and makes sets of them.
package records

import (
	"encoding/binary"
	"slices"
	"unsafe"

	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

// A Set holds a zone's records between reading and compiling: grouped by owner, in pieces of memory
// without pointers, so that a million records cost little more than their octets.
type Set struct {
	owners []owner
	slots  []ownerSlot // a hash table over owners; its length is a power of two
	recent int         // the owner that was asked for last: most records are of the same name as the one before
	stars  int         // owners that begin with "*": most zones have none
	mem    arena
	Most   int64 // octets that all of this and the image made of it may take

	Main  string   // the zone's own file
	files []string // that records came from
	Maps  []string // that geo names name, by the number in their data

	InTurn bool     // it is loaded when no other large zone is
	large  bool     // largeZones is held
	list   []Record // of one owner, while its records are checked

	Signing    *Signing // how the zone is signed, once it is checked; nil: it is not
	SignedHere bool     // it was not its file that brought that
	Families   Families // of its maps

	cuts, dnames int    // how many records make a cut (before check: and the apex's NS) or are a DNAME: most zones have none
	signed       Record // the first record that a signer made, without its data; type 0: there is none
}

// TypeGeo marks a geo name among its records: the data is the number of its map, and one octet more if TXT tells where. Type 0 is no DNS
// type.
const TypeGeo = 0

// IsWhere says whether a geo name tells where.
func IsWhere(r Record) bool { return r.Type == TypeGeo && len(r.Data) == 3 }

// Record is one record of a Set.
type Record struct {
	next uint32
	TTL  uint32
	Line uint32
	File uint16 // its number: see FileName
	Type uint16
	Data []byte
}

const recordHeader = 18

// Len is how many names there are; each is known by a number below that.
func (s *Set) Len() int { return len(s.owners) }

// Hash is what a name is found by.
func (s *Set) Hash(o int) uint64 { return s.owners[o].hash }

// FileName is the name of a file that records came from.
func (s *Set) FileName(file uint16) string { return s.files[file] }

// Octets is how many octets names and records take by themselves.
func (s *Set) Octets() int { return s.mem.taken }

// Left is how many octets an image made of the set may take.
func (s *Set) Left() int64 { return s.Most - s.taken() }

// taken is how many octets the records take.
func (s *Set) taken() int64 {
	return int64(s.mem.taken) + int64(len(s.owners))*int64(unsafe.Sizeof(owner{})) + int64(len(s.slots))*int64(unsafe.Sizeof(ownerSlot{}))
}

// Record takes a record from the zone's files.
func (s *Set) Record(r *zonefile.Record) {
	s.add(r.Owner, Record{TTL: r.TTL, Line: uint32(r.Line), File: s.file(r.File), Type: r.Type, Data: r.Data})
}

// Geo takes a geo name from the zone's files.
func (s *Set) Geo(g *zonefile.Geo) {
	number := slices.Index(s.Maps, g.Map)
	if number < 0 {
		number = len(s.Maps)
		s.Maps = append(s.Maps, g.Map)
	}
	data := binary.LittleEndian.AppendUint16(nil, uint16(number))
	if g.Where {
		data = append(data, 1)
	}
	s.add(g.Owner, Record{TTL: g.TTL, Line: uint32(g.Line), File: s.file(g.File), Type: TypeGeo, Data: data})
}

func (s *Set) file(name string) uint16 {
	for i := len(s.files) - 1; i >= 0; i-- {
		if s.files[i] == name {
			return uint16(i)
		}
	}
	s.files = append(s.files, name)
	return uint16(len(s.files) - 1)
}

func (s *Set) add(name []byte, r Record) {
	switch r.Type {
	case rr.TypeNS:
		s.cuts++
	case rr.TypeDNAME:
		s.dnames++
	case rr.TypeRRSIG, rr.TypeNSEC, rr.TypeDNSKEY, rr.TypeNSEC3, rr.TypeNSEC3PARAM:
		if s.signed.Type == 0 {
			s.signed = Record{Line: r.Line, File: r.File, Type: r.Type}
		}
	}
	o := &s.owners[s.ensure(name)]
	at, b := s.mem.alloc(recordHeader + len(r.Data))
	binary.LittleEndian.PutUint32(b[4:], r.TTL)
	binary.LittleEndian.PutUint32(b[8:], r.Line)
	binary.LittleEndian.PutUint16(b[12:], r.File)
	binary.LittleEndian.PutUint16(b[14:], r.Type)
	binary.LittleEndian.PutUint16(b[16:], uint16(len(r.Data)))
	copy(b[recordHeader:], r.Data)
	if o.first == 0 {
		o.first = at
	} else {
		binary.LittleEndian.PutUint32(s.mem.at(o.last), at)
	}
	o.last = at
}

// at reads the record at an offset.
func (s *Set) at(at uint32) Record {
	b := s.mem.at(at)
	return Record{
		next: binary.LittleEndian.Uint32(b),
		TTL:  binary.LittleEndian.Uint32(b[4:]),
		Line: binary.LittleEndian.Uint32(b[8:]),
		File: binary.LittleEndian.Uint16(b[12:]),
		Type: binary.LittleEndian.Uint16(b[14:]),
		Data: b[recordHeader : recordHeader+int(binary.LittleEndian.Uint16(b[16:]))],
	}
}

// Of returns the records of an owner, appended to list.
func (s *Set) Of(list []Record, o int) []Record {
	for at := s.owners[o].first; at != 0; {
		r := s.at(at)
		list = append(list, r)
		at = r.next
	}
	return list
}

// OfType is Of, but of one type.
func (s *Set) OfType(list []Record, o int, typ uint16) []Record {
	for at := s.owners[o].first; at != 0; {
		r := s.at(at)
		if at = r.next; r.Type == typ {
			list = append(list, r)
		}
	}
	return list
}

// Name returns the name of an owner.
func (s *Set) Name(o int) []byte {
	b := s.mem.at(s.owners[o].name)
	return b[1 : 1+int(b[0])]
}
