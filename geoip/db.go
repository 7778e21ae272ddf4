package geoip

import (
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
	record record // the one read last
	reads  int    // how many so far
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

const (
	// How often pages are given back. Each brings some 16 neighbours with it, so random reads map 64 KB apiece; but records are
	// written in the order of their networks, and mostly read so: 1024 of them make a few MB resident.
	readsPerRelease   = 1024
	batchesPerRelease = 64

	batchSize = 512 // networks, so that the merge seldom has to switch to the walk
)

var errCircles = errors.New("the search tree runs in circles")

// leaves is how many leaves of the search tree a walk may meet. A sound tree has one more than nodes; a damaged one may share
// branches so that it seems to have no end. Where a walk starts, it may meet one again.
func (d *database) leaves() int {
	return 4*int(d.reader.Metadata.NodeCount) + 8192
}

func (d *database) networks(v4 bool) iter.Seq2[[]network, error] {
	return func(yield func([]network, error) bool) {
		defer mapped.PanicOnFault()()
		leaves, batches := d.leaves(), 0
		batch := make([]network, 0, batchSize)
		for _, within := range d.prefixes(v4) {
			for found := range d.reader.NetworksWithin(within, maxminddb.IncludeNetworksWithoutData()) {
				if err := found.Err(); err != nil {
					yield(nil, d.fail(err))
					return
				}
				if leaves--; leaves < 0 {
					yield(nil, d.fail(errCircles))
					return
				}
				if !found.Found() {
					continue
				}
				p := found.Prefix()
				first, length := addrOf(p.Addr()), p.Bits()
				if p.Addr().Is4() != v4 || length < within.Bits() {
					first, length = addrOf(within.Addr()), within.Bits() // one network is wider than what was asked for
				}
				batch = append(batch, network{first, first.last(length), uint32(found.Offset()) + 1})
				if len(batch) == batchSize {
					if !yield(batch, nil) {
						return
					}
					batch = batch[:0]
					if batches++; batches%batchesPerRelease == 0 {
						d.file.Release()
					}
				}
			}
		}
		if len(batch) > 0 {
			yield(batch, nil)
		}
	}
}

// prefixes are what to walk for a family: all of IPv4, or all of IPv6 but ::/96, where the file keeps IPv4.
func (d *database) prefixes(v4 bool) []netip.Prefix {
	if v4 {
		return []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
	}
	var all []netip.Prefix
	for length := 96; length > 0; length-- {
		var bit [16]byte
		bit[(length-1)/8] = 1 << (7 - (length-1)%8)
		all = append(all, netip.PrefixFrom(netip.AddrFrom16(bit), length))
	}
	return all
}

func (d *database) location(id uint32) (Location, error) {
	if err := d.read(id); err != nil {
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

// read reads a record into d.record.
func (d *database) read(id uint32) error {
	if d.reads++; d.reads%readsPerRelease == 0 {
		d.file.Release()
	}
	return d.reader.LookupOffset(uintptr(id - 1)).Decode(&d.record)
}
