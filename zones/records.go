package zones

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"
	"unsafe"

	"tinycdn/zones/rr"
	"tinycdn/zones/zonefile"
)

// recordSet holds a zone's records between reading and compiling: grouped by owner, in pieces of memory
// without pointers, so that a million records cost little more than their octets.
type recordSet struct {
	owners []owner
	slots  []ownerSlot // a hash table over owners; its length is a power of two
	recent int         // the owner that was asked for last: most records are of the same name as the one before
	stars  int         // owners that begin with "*": most zones have none
	mem    arena
	most   int64 // octets that all of this and the image made of it may take

	main  string   // the zone's own file
	files []string // that records came from
	maps  []string // that geo names name

	inTurn bool     // it is loaded when no other large zone is
	large  bool     // largeZones is held
	list   []record // of one owner, while its records are checked

	cuts, dnames int    // how many records make a cut (before check: and the apex's NS) or are a DNAME: most zones have none
	signed       record // the first record that a signer made, without its data; type 0: there is none
}

// owner is a name that has records, or an empty non-terminal.
type owner struct {
	hash        uint64
	name        uint32 // in mem: a length octet, then the name
	first, last uint32 // in mem: its records; 0: none
}

// ownerSlot leads from a name's hash to its owner. With half of the hash in it, names that are not there cost one look into memory, and
// those that are there three: with a million of them, each is a cache miss. And a larger table is made of it in one stream.
type ownerSlot struct {
	tag  uint32 // lower half of the hash, of which the lowest bits choose the slot
	next uint32 // the owner's index, and one; 0: the slot is empty
}

// typeGeo marks a geo name among its records: the data is the number of its map, and one octet more if TXT tells where. Type 0 is no DNS
// type.
const typeGeo = 0

// isWhere says whether a geo name tells where.
func isWhere(r record) bool { return r.typ == typeGeo && len(r.data) == 3 }

// record is one record of a recordSet.
type record struct {
	next uint32
	ttl  uint32
	line uint32
	file uint16
	typ  uint16
	data []byte
}

const rrHeader = 18

// firstSlots is few: most zones are small.
const firstSlots = 64

// newRecordSet gives an empty one, perhaps with the memory of one that was released: of a hundred thousand zones each needs little, and
// to make and collect that anew took half of their time.
func newRecordSet() *recordSet {
	s, _ := released.Get().(*recordSet)
	if s == nil {
		s = &recordSet{slots: make([]ownerSlot, firstSlots)}
	}
	s.most = mostMemory()
	return s
}

// released are recordSets of small zones, for the next.
var released sync.Pool

// release gives the memory back. What was made of the records has none of it.
func (s *recordSet) release() {
	if s.taken() > mostReleased {
		return
	}
	s.mem.reset()
	clear(s.slots)
	*s = recordSet{owners: s.owners[:0], slots: s.slots, mem: s.mem, files: s.files[:0], list: s.list[:0]}
	released.Put(s)
}

// mostReleased is so little that to clear it costs less than to make it anew.
const mostReleased = 64 << 10

// taken is how many octets the records take.
func (s *recordSet) taken() int64 {
	return int64(s.mem.taken) + int64(len(s.owners))*int64(unsafe.Sizeof(owner{})) + int64(len(s.slots))*int64(unsafe.Sizeof(ownerSlot{}))
}

// Full is an error where there is no room for more records.
func (s *recordSet) Full() error {
	// Answers take about what the records do.
	taken := s.taken()
	if taken > largeZone {
		s.Large()
	}
	if s.mem.full || 2*taken > s.most {
		return errTooLarge(s.most)
	}
	return nil
}

// Large waits until no other zone that is large is loaded: of small ones many may be, side by side, but one of these takes up to a quarter of
// the machine.
func (s *recordSet) Large() {
	if s.inTurn && !s.large {
		largeZones.Lock()
		s.large = true
	}
}

// largeZones is held while a large zone is loaded.
var largeZones sync.Mutex

// largeZone is how many octets of records make a zone large.
const largeZone = 4 << 20

// Record takes a record from the zone's files.
func (s *recordSet) Record(r *zonefile.Record) {
	s.add(r.Owner, record{ttl: r.TTL, line: uint32(r.Line), file: s.file(r.File), typ: r.Type, data: r.Data})
}

// Geo takes a geo name from the zone's files.
func (s *recordSet) Geo(g *zonefile.Geo) {
	number := slices.Index(s.maps, g.Map)
	if number < 0 {
		number = len(s.maps)
		s.maps = append(s.maps, g.Map)
	}
	data := binary.LittleEndian.AppendUint16(nil, uint16(number))
	if g.Where {
		data = append(data, 1)
	}
	s.add(g.Owner, record{ttl: g.TTL, line: uint32(g.Line), file: s.file(g.File), typ: typeGeo, data: data})
}

func (s *recordSet) file(name string) uint16 {
	for i := len(s.files) - 1; i >= 0; i-- {
		if s.files[i] == name {
			return uint16(i)
		}
	}
	s.files = append(s.files, name)
	return uint16(len(s.files) - 1)
}

func (s *recordSet) add(name []byte, r record) {
	switch r.typ {
	case rr.TypeNS:
		s.cuts++
	case rr.TypeDNAME:
		s.dnames++
	case rr.TypeRRSIG, rr.TypeNSEC, rr.TypeDNSKEY, rr.TypeNSEC3, rr.TypeNSEC3PARAM:
		if s.signed.typ == 0 {
			s.signed = record{line: r.line, file: r.file, typ: r.typ}
		}
	}
	o := &s.owners[s.ensure(name)]
	at, b := s.mem.alloc(rrHeader + len(r.data))
	binary.LittleEndian.PutUint32(b[4:], r.ttl)
	binary.LittleEndian.PutUint32(b[8:], r.line)
	binary.LittleEndian.PutUint16(b[12:], r.file)
	binary.LittleEndian.PutUint16(b[14:], r.typ)
	binary.LittleEndian.PutUint16(b[16:], uint16(len(r.data)))
	copy(b[rrHeader:], r.data)
	if o.first == 0 {
		o.first = at
	} else {
		binary.LittleEndian.PutUint32(s.mem.at(o.last), at)
	}
	o.last = at
}

// record reads the record at an offset.
func (s *recordSet) record(at uint32) record {
	b := s.mem.at(at)
	return record{
		next: binary.LittleEndian.Uint32(b),
		ttl:  binary.LittleEndian.Uint32(b[4:]),
		line: binary.LittleEndian.Uint32(b[8:]),
		file: binary.LittleEndian.Uint16(b[12:]),
		typ:  binary.LittleEndian.Uint16(b[14:]),
		data: b[rrHeader : rrHeader+int(binary.LittleEndian.Uint16(b[16:]))],
	}
}

// records returns the records of an owner, appended to list.
func (s *recordSet) records(list []record, o int) []record {
	for at := s.owners[o].first; at != 0; {
		r := s.record(at)
		list = append(list, r)
		at = r.next
	}
	return list
}

// name returns the name of an owner.
func (s *recordSet) name(o int) []byte {
	b := s.mem.at(s.owners[o].name)
	return b[1 : 1+int(b[0])]
}

// find returns the owner of that name.
func (s *recordSet) find(name []byte) (int, bool) {
	return s.findHash(rr.HashName(name), name)
}

func (s *recordSet) findHash(hash uint64, name []byte) (int, bool) {
	mask := uint32(len(s.slots) - 1)
	for i := uint32(hash); ; i++ {
		slot := s.slots[i&mask]
		if slot.next == 0 {
			return 0, false
		}
		if slot.tag == uint32(hash) && bytes.Equal(s.name(int(slot.next-1)), name) {
			return int(slot.next - 1), true
		}
	}
}

// findStar returns the owner that is "*" below that name.
func (s *recordSet) findStar(name []byte) (int, bool) {
	if s.stars == 0 {
		return 0, false
	}
	var star [rr.MaxName + 2]byte
	return s.find(append(append(star[:0], 1, '*'), name...))
}

// ensure returns the owner of that name, a new one if need be.
func (s *recordSet) ensure(name []byte) int {
	if s.recent < len(s.owners) && bytes.Equal(s.name(s.recent), name) {
		return s.recent
	}
	hash := rr.HashName(name)
	o, there := s.findHash(hash, name)
	if !there {
		o = s.addOwner(hash, name)
	}
	s.recent = o
	return o
}

func (s *recordSet) addOwner(hash uint64, name []byte) int {
	if 2*len(s.owners) >= len(s.slots) {
		old := s.slots
		s.slots = make([]ownerSlot, 2*len(old))
		for _, slot := range old {
			if slot.next != 0 {
				s.insert(slot)
			}
		}
	}
	at, b := s.mem.alloc(1 + len(name))
	b[0] = byte(len(name))
	copy(b[1:], name)
	if name[0] == 1 && name[1] == '*' {
		s.stars++
	}
	if len(s.owners) == cap(s.owners) {
		s.owners = slices.Grow(s.owners, max(len(s.owners), firstSlots/2)) // append alone would copy a million of them twenty times
	}
	s.owners = append(s.owners, owner{hash: hash, name: at})
	s.insert(ownerSlot{uint32(hash), uint32(len(s.owners))})
	return len(s.owners) - 1
}

func (s *recordSet) insert(slot ownerSlot) {
	mask := uint32(len(s.slots) - 1)
	i := slot.tag
	for s.slots[i&mask].next != 0 {
		i++
	}
	s.slots[i&mask] = slot
}
