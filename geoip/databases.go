package geoip

import (
	"errors"
	"net/netip"

	"tinycdn/geoip/mapped"
)

// Databases are MMDB files, the first of them that knows a thing deciding, or the built-in table. They are for one
// goroutine at a time.
type Databases struct {
	sources []source
	infos   []Info
}

// Open opens database files. The error has one line, a FileError, for each bad one.
func Open(paths []string) (*Databases, error) {
	d := &Databases{}
	var errs []error
	for _, path := range paths {
		db, err := openDatabase(path)
		if err != nil {
			errs = append(errs, &FileError{path, err})
			continue
		}
		d.sources = append(d.sources, db)
		d.infos = append(d.infos, db.info)
	}
	if errs != nil {
		d.Close()
		return nil, errors.Join(errs...)
	}
	return d, nil
}

// Close gives the files back. Tables that were built of them stay.
func (d *Databases) Close() error {
	for _, s := range d.sources {
		s.close()
	}
	return nil
}

// catchFault turns a fault in a mapped file into an error. It must be deferred.
func (d *Databases) catchFault(err *error) {
	recovered := recover()
	if recovered == nil {
		return
	}
	for _, s := range d.sources {
		if db, isFile := s.(*database); isFile && db.file.Faulted(recovered) {
			*err = &FileError{db.path, mapped.ErrChanged}
			return
		}
	}
	panic(recovered)
}

// Info describes the databases, in their order.
func (d *Databases) Info() []Info { return d.infos }

// sourcesOf are the databases that have data for a family.
func (d *Databases) sourcesOf(v4 bool) []source {
	var all []source
	for i, s := range d.sources {
		if v4 && d.infos[i].IPv4 || !v4 && d.infos[i].IPv6 {
			all = append(all, s)
		}
	}
	return all
}

// Lookup gives what the databases know of a, and the prefix around it of which they all know the same. An IPv4 address
// inside an IPv6 one is looked up as such. It is meant for people: it may take its time.
func (d *Databases) Lookup(a netip.Addr) (loc Location, around netip.Prefix, err error) {
	defer d.catchFault(&err)
	defer mapped.PanicOnFault()()
	a = Inner(a.WithZone(""))
	for _, s := range specialPurpose(a.Is4()) {
		if s.prefix.Contains(a) && s.kind != embedding {
			return Location{}, s.prefix, nil
		}
	}
	sources := d.sourcesOf(a.Is4())
	records, length := make([]uint32, len(sources)), 0
	for i, s := range sources {
		record, bits, err := s.find(a)
		if err != nil {
			return Location{}, netip.Prefix{}, err
		}
		records[i], length = record, max(length, bits)
	}
	around, _ = a.Prefix(length)
	err = overlay(sources, records, wantsAll, &loc)
	return loc, around, err
}

// Inner gives the IPv4 address that decides for an IPv6 address which holds one, and others as they are.
func Inner(a netip.Addr) netip.Addr {
	if p := netip.PrefixFrom(a, a.BitLen()); a.Is4() || !IPv4Inside(p) {
		return a
	}
	return embeddedAddr(addrOf(a)).netip(true)
}
