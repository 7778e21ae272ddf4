package geoip

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net/netip"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"

	"tinycdn/geoip/mapped"
)

// database is one MMDB file, mapped into memory.
type database struct {
	path   string
	file   *mapped.File
	reader *maxminddb.Reader
	info   Info
	tree   *tree
	record record // the one read last
}

// FileError is what is wrong with a database file.
type FileError struct {
	Path string
	Err  error
}

func (e *FileError) Error() string { return e.Path + ": " + e.Err.Error() }

func (e *FileError) Unwrap() error { return e.Err }

// openDatabase opens a file and tries it: what comes back can place addresses.
func openDatabase(path string) (d *database, err error) {
	file, err := mapped.Open(path)
	if err != nil {
		var where *fs.PathError
		if errors.As(err, &where) {
			err = where.Err
		}
		return nil, err
	}
	d = &database{path: path, file: file}
	defer func() {
		if recovered := recover(); recovered != nil {
			if !file.Faulted(recovered) {
				panic(recovered)
			}
			err = mapped.ErrChanged
		}
		if err != nil {
			file.Close()
		}
	}()
	defer mapped.PanicOnFault()()
	return d, d.open()
}

func (d *database) open() (err error) {
	if len(d.file.Data) == 0 {
		return errors.New("the file is empty")
	}
	if uint64(len(d.file.Data)) > 1<<32-2 {
		return errors.New("the file is larger than 4 GiB, the most an MMDB can address")
	}
	if d.reader, err = maxminddb.OpenBytes(d.file.Data); err != nil {
		return fmt.Errorf("not a MaxMind DB file, or cut short (%w)", plain(err))
	}
	meta := &d.reader.Metadata
	d.tree = newTree(d.file.Data, meta.NodeCount, meta.RecordSize, meta.IPVersion)
	return d.validate()
}

// plain takes the library's own name for the step out of an error.
func plain(err error) error {
	return errors.New(strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\n", " "), "error opening database: "))
}

func (d *database) fail(err error) error {
	return &FileError{d.path, fmt.Errorf("damaged: %w", plain(err))}
}

func (d *database) close() {
	d.file.Close()
}

func (d *database) records() int {
	return int(d.reader.Metadata.NodeCount)
}

const batchSize = 512 // networks, so that the merge seldom has to switch to the walk

var errCircles = errors.New("the search tree runs in circles")

// leaves is how many leaves of the search tree a walk may meet. A sound tree has one more than nodes; a damaged one may share
// branches so that it seems to have no end. Where a walk starts, it may meet one again.
func (d *database) leaves() int {
	return 4*int(d.reader.Metadata.NodeCount) + 8192
}

func (d *database) networks(v4, joined bool) iter.Seq2[[]network, error] {
	return func(yield func([]network, error) bool) {
		defer mapped.PanicOnFault()()
		var wrong error
		leaves, batch, more := d.leaves(), make([]network, 0, batchSize), true
		err := d.tree.walk(v4, d.file.Reading, func(first addr, bits int, leaf uint32) bool {
			if leaves--; leaves < 0 {
				wrong = errCircles
				return false
			}
			n := network{first: first, last: first.last(bits)}
			if n.record, wrong = d.tree.record(leaf); n.record == 0 || wrong != nil {
				return wrong == nil
			}
			if !v4 && first.hi == 0 && first.lo>>32 == 0 { // what is known of all around ::/96, where the file keeps IPv4
				if n.first = ipv4End; bits >= 96 {
					return true
				}
			}
			last := len(batch) - 1
			if joined && last >= 0 && batch[last].record == n.record && batch[last].last.next() == n.first {
				batch[last].last = n.last
				return true
			}
			if batch = append(batch, n); len(batch) == batchSize {
				more = yield(batch, nil)
				batch = batch[:0]
			}
			return more
		})
		switch err = cmp.Or(wrong, err); {
		case !more:
		case err != nil:
			yield(nil, d.fail(err))
		case len(batch) > 0:
			yield(batch, nil)
		}
	}
}

// ipv4End is the first address of IPv6 behind ::/96.
var ipv4End = addr{lo: 1 << 32}

func (d *database) location(id uint32, wants wants) (Location, error) {
	if err := d.read(id, wants); err != nil {
		return Location{}, d.fail(err)
	}
	return d.record.location(), nil
}

func (d *database) find(a netip.Addr) (id uint32, length int, err error) {
	found := d.reader.Lookup(a)
	if err := found.Err(); err != nil {
		return 0, 0, d.fail(err)
	}
	if found.Found() {
		id = uint32(found.Offset()) + 1
	}
	p := found.Prefix()
	if p.Addr().Is4() != a.Is4() {
		return id, 0, nil // an IPv6 network so wide that it holds all of IPv4
	}
	return id, p.Bits(), nil
}

// read reads what is wanted of a record into d.record.
func (d *database) read(id uint32, wants wants) error {
	d.file.Reading(d.tree.offset(id))
	d.record.wants = wants
	return d.reader.LookupOffset(uintptr(id - 1)).Decode(&d.record)
}
