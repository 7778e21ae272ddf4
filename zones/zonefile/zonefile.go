// Package zonefile reads one zone, written in TOML or as an RFC 1035 master file, into records in wire form.
package zonefile

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"tinycdn/zones/diag"
)

// Record is one resource record. Its slices are valid only during the call that brings it.
type Record struct {
	Owner []byte // wire form, lower case
	Type  uint16
	TTL   uint32
	Data  []byte // RDATA in wire form, names uncompressed, letter case as written

	File string
	Line int
}

// Geo says that the A and AAAA records of a name come from a map. Owner is valid only during the call.
type Geo struct {
	Owner []byte // wire form, lower case
	Map   string
	TTL   uint32
	Where bool // TXT tells whom the map gives whoever asks

	File string
	Line int
}

// Sink takes what a zone holds, in the order of its files. The SOA that is made for a TOML zone comes last.
type Sink interface {
	Record(*Record)
	Geo(*Geo)
}

// Bounded is a Sink that has no room for more at some point.
type Bounded interface {
	Full() error // asked after each record
	Large()      // said before much is read at once: it may wait until there is memory for that
}

// Zone is what is known of a zone beside its records.
type Zone struct {
	Origin     []byte // wire form, lower case
	OriginText string // "example.org", without the final dot; "." for the root

	DNSSEC        int  // the line that has the zone signed; 0: there is none
	Unsigned      bool // the file says that it is not to be signed
	SerialWritten bool // the serial number stands in a file

	// Files are all that the zone is made of, each as it was just before it was read; nil for one that was not there.
	Files map[string]fs.FileInfo

	Notes []diag.Problem // what is odd, but no mistake; in the order in which it was read
}

// maxProblems ends the reading of a zone. A file of another kind would give one a line.
const maxProblems = 10000

// Read reads the zone in the file at path, and the files that it includes, into sink.
//
// A file named *.toml is a TOML zone, any other a master file. The zone's name is origin; if that is empty it is what the
// file says itself (a TOML zone with its key, a master file with an absolute $ORIGIN or owner of the SOA before any other
// record), and else the file's name without what is customary around it (see originOfFile).
//
// Every record that sink is given is right by itself and inside the zone. Reading goes on after a mistake,
// so that all are told at once; with any problem, what sink was given is not the whole zone.
//
// Files are included from the folder that path is in and below, and from those of more. They are not quoted.
func Read(path, origin string, sink Sink, more ...string) (Zone, []diag.Problem) {
	return ReadNext(path, origin, sink, nil, more...)
}

// ReadNext is Read of a zone that is served already, with a serial number to go on from.
func ReadNext(path, origin string, sink Sink, serial Serial, more ...string) (Zone, []diag.Problem) {
	r := newReader(sink, openFile)
	r.serial = serial
	r.openInside = append(fence{filepath.Dir(path)}, more...).open
	return r.read(path, origin)
}

func (r *reader) read(path, origin string) (Zone, []diag.Problem) {
	if isTOML(path) {
		r.readTOMLZone(path, origin)
	} else {
		r.readMasterZone(path, origin)
	}
	r.judgeOutside()
	r.zone.Notes = r.notes.All()
	return r.zone, r.sortedProblems()
}

func isTOML(path string) bool { return strings.EqualFold(filepath.Ext(path), ".toml") }

// reader reads one zone: the state that its files share.
type reader struct {
	sink    Sink
	bounded Bounded // the sink; nil: it takes any number
	open    func(path string) (source, error)
	// openInside is open for a file that another one names.
	openInside func(path string) (source, error)
	zone       Zone
	problems   diag.FewProblems
	notes      diag.FewProblems
	mistakes   int // that were found, against maxProblems

	nameGuessed bool      // the zone's name was taken from the file's
	nameOpen    bool      // and the file may still say it, up to its first record
	newest      time.Time // of the files' modification times; the serial where none is written
	newestFile  string    // which has it
	serial      Serial    // nil: just that
	order       []string  // of the files, as they were opened first
	files       int       // opened, against maxFiles
	generated   int       // records made by $GENERATE, against maxGenerated
	octets      int       // of these, against maxOctets
	stopped     bool      // there is no room for more

	above     overrides                                   // what the TOML says in place of the included files
	unsaidTTL func(owner []byte, typ uint16) (ttl uint32) // of their records without one; nil outside of a TOML zone
	saysSOA   bool                                        // the TOML says what becomes of the SOA

	firstNS     []byte          // target of the first NS record of the zone's name
	nameservers map[string]bool // of the zone's NS records
	foundSOA    bool            // an SOA record was given to sink

	noted notes

	outside  []outside // names outside the zone, whose addresses were left out
	nsAbroad hashes    // of the targets of NS records outside the zone

	record Record // given to sink, again and again
	rdata  builder
}

func newReader(sink Sink, open func(path string) (source, error)) *reader {
	bounded, _ := sink.(Bounded)
	return &reader{sink: sink, bounded: bounded, open: open, openInside: open, zone: Zone{Files: make(map[string]fs.FileInfo)}}
}

// problem notes a mistake, unless there are too many already.
func (r *reader) problem(file string, line int, format string, args ...any) {
	if r.mistakes++; !r.tooMany() {
		r.problems.Add(diag.Problem{File: file, Line: line, Text: r.told(file, format, args)})
	}
}

// note notes what is odd, but no mistake: it is told beside the mistakes, and the zone is served.
func (r *reader) note(file string, line int, format string, args ...any) {
	r.notes.Add(diag.Problem{File: file, Line: line, Text: r.told(file, format, args)})
}

// told is what is said of a file. Of one that is included it has nothing: who may write a zone may not see all that the
// server may read.
func (r *reader) told(file, format string, args []any) string {
	if r.quotes(file) {
		return fmt.Sprintf(format, args...)
	}
	return diag.Unquoted(format, args)
}

// quotes says whether a file is the zone's own.
func (r *reader) quotes(file string) bool { return len(r.order) == 0 || file == r.order[0] }

// sortedProblems are the mistakes in the order in which the files are read, and of their lines.
func (r *reader) sortedProblems() []diag.Problem {
	list := r.problems.All()
	slices.SortStableFunc(list, func(a, b diag.Problem) int {
		if a.File != b.File {
			return slices.Index(r.order, a.File) - slices.Index(r.order, b.File)
		}
		return a.Line - b.Line
	})
	if r.tooMany() {
		list = append(list, diag.Problem{File: r.order[0], Text: "and more: reading stops here"})
	}
	return list
}

// full reports whether it makes no sense to read on.
func (r *reader) full() bool { return r.stopped || r.tooMany() }

func (r *reader) tooMany() bool { return r.mistakes > maxProblems }

// askRoom stops reading where the sink has no room for more than the record at hand.
func (r *reader) askRoom(file string, line int) {
	if r.bounded == nil || r.stopped {
		return
	}
	if err := r.bounded.Full(); err != nil {
		r.problem(file, line, "%v", diag.Kind(err.Error()))
		r.stopped = true
	}
}

// emit hands a finished record to the sink, unless the TOML has something in its place.
func (r *reader) emit(rec *Record) {
	if isApex := len(rec.Owner) == len(r.zone.Origin); isApex {
		switch {
		case rec.Type == typeSOA:
			r.foundSOA = true
		case rec.Type == typeNS:
			if r.firstNS == nil {
				r.firstNS = append([]byte{}, rec.Data...)
			}
			r.addNameserver(rec.Data)
		}
	}
	if r.rdata.odd != "" || rec.TTL == 1 {
		r.noteRecord(rec)
	}
	r.noteNS(rec)
	r.sink.Record(rec)
	r.askRoom(rec.File, rec.Line)
}
