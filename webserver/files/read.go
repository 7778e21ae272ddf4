package files

import (
	"bytes"
	"cmp"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"time"

	"tinycdn/webserver/folder"
	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

const (
	// largest is the size up to which a file is kept in memory.
	largest = 1 << 20
	// largestText is the same for what shrinks when it is packed, as only pages in memory are.
	largestText = 8 << 20
)

// file is one file of the site.
type file struct {
	name   string // from the root, with slashes
	info   fs.FileInfo
	packed [4]*file // the packed forms of it that lie beside it, by page.Coding

	mediaType string // by its name

	isPacked bool // it is such a form of another

	from  folder.Folder // where it lies, if it is an earlier one; zero: in the site's folder
	until time.Time     // it is served; zero: it is the site's

	page     *page.Page // if it is in memory
	outdated [4]bool    // packed forms that hold something else
	disk     *onDisk    // if it is not in memory

	fields  []page.Field  // what the site says of those that pages have
	overlay *page.Overlay // and of all others
}

// reader reads the files of a site that is being loaded.
type reader struct {
	*folder.Scan
	site *Site
	last *Site // without files, if there is none
	now  time.Time
	full bool // memory is
}

// fill reads the files into memory, the smallest first, until it is full.
func (s *Site) fill(scan *folder.Scan, last *Site) {
	r := &reader{scan, s, cmp.Or(last, &Site{}), time.Now(), false}
	files := slices.DeleteFunc(s.byWorth(), r.mustNotServe)
	left := s.config.Memory - r.listFolders()
	for _, f := range files {
		p, err := r.take(f)
		switch {
		case err != nil:
			r.leaveOut(f, err)
		case p != nil && p.Bytes() <= left:
			f.page = p
			r.noteOutdated(f)
			left -= p.Bytes()
		case p != nil:
			r.full = true
			fallthrough
		default:
			if f.disk = r.disk(f); f.fits() {
				s.outside++
			}
		}
	}
	r.fillEarlier(left)
	if s.outside > 0 { // without their number, which differs from deploy to deploy
		r.Notes = append(r.Notes, diag.Problem{File: s.config.Folder, Text: "memory is full: the largest files are read from disk each time (web.cache_bytes gives more)"})
	}
}

// mustNotServe leaves out what must not be served.
func (r *reader) mustNotServe(f *file) bool {
	err := r.look(f)
	if err != nil {
		r.leaveOut(f, err)
	}
	return err != nil
}

// take gives the page of a file if it is one for memory while that is not full.
func (r *reader) take(f *file) (*page.Page, error) {
	if !f.fits() || r.full {
		return nil, nil
	}
	return r.page(f)
}

// look says why a file must not be served. One that is as it was in the last site, where it was served, may be.
func (r *reader) look(f *file) error {
	if was := r.was(f.name); was != nil && diag.SameFile(was.info, f.info) {
		return nil
	}
	in, err := f.folder(r.Folder).Open(f.name)
	if err != nil {
		return err
	}
	defer in.Close()
	if holdsKey(in) {
		return errKey
	}
	return nil
}

// leaveOut tells why a file is not served, once.
func (r *reader) leaveOut(f *file, why error) {
	switch {
	case r.site.files[f.name] == nil:
		return
	case why == errKey:
		r.Wrong(f.name, "%v", errKey)
	default:
		r.Wrong(f.name, "cannot be read: %v", diag.Reason(why))
	}
	delete(r.site.files, f.name)
}

// byWorth puts what is asked for most, by byte, first: pages of errors, then the small ones. The order is the same at
// every POP.
func (s *Site) byWorth() []*file {
	return slices.SortedFunc(maps.Values(s.files), func(a, b *file) int {
		aError, bError := len(statuses(a.name)) > 0, len(statuses(b.name)) > 0
		switch {
		case aError && !bError:
			return -1
		case bError && !aError:
			return 1
		}
		return cmp.Or(cmp.Compare(a.info.Size(), b.info.Size()), cmp.Compare(a.name, b.name))
	})
}

// fits says whether the file is of those that memory is for. Packed forms are in it with what they are forms of.
func (f *file) fits() bool {
	return !f.isPacked && (f.info.Size() <= largest || f.info.Size() <= largestText && page.Compressible(f.mediaType))
}

// page gives the page of a file: the one that was there before, as of the file's time, if nothing else has changed.
func (r *reader) page(f *file) (*page.Page, error) {
	was := r.was(f.name)
	if was != nil && was.page == nil {
		was = nil // it was on disk
	}
	modified := page.LastModified(f.info.ModTime(), r.now)
	if was != nil && r.last.config.servesAs(&r.site.config) && slices.Equal(was.fields, f.fields) && f.same(was) {
		f.outdated = was.outdated
		return was.page.At(modified), nil
	}
	body, err := f.folder(r.Folder).Read(f.name, f.info)
	if err != nil {
		return nil, err
	}
	header := r.header(f, r.site.config.mediaType(f.name, body))
	if was != nil && bytes.Equal(body, was.page.Body()) && slices.Equal(header, was.page.Header()) {
		p := was.page.At(modified) // with all its codings
		r.offer(p, f)
		return p, nil
	}
	p := page.New(page.Response{Status: http.StatusOK, Header: header, Modified: modified, OfFile: true, Body: body})
	r.offer(p, f)
	return p, nil
}

// servesAs says whether files are served in the same way by another configuration.
func (c *Config) servesAs(other *Config) bool {
	return slices.Equal(c.Rules, other.Rules) && slices.Equal(c.Types, other.Types)
}

// header is that of a file's page: of a media type, unless the site's files say another, and no rule does.
func (r *reader) header(f *file, mediaType string) []page.Field {
	header := []page.Field{{Name: "Content-Type", Value: mediaType}, {Name: "Cache-Control"}}
	for _, field := range f.fields {
		switch field.Name {
		case "Content-Type":
			if _, said := r.site.config.typeOf(f.name); !said {
				header[0].Value = field.Value
			}
		case "Cache-Control":
			header[1].Value = field.Value
		default:
			header = append(header, field)
		}
	}
	header[1].Value = r.cacheControl(f.name, header[0].Value, header[1].Value)
	return header
}

// cacheControl is that of a file: as a rule has it, else as the site says in its files, which is "" if it does not. Rules may
// speak of the file's URL or of its name: "/about*" or "*.html".
func (r *reader) cacheControl(name, mediaType, said string) string {
	for _, path := range []string{clean(name), "/" + name} {
		if value, ok := page.Ruled(r.site.config.Rules, path); ok {
			return value
		}
	}
	return cmp.Or(said, page.CacheControl(nil, clean(name), mediaType))
}

// same says whether the file and its packed forms are as they were.
func (f *file) same(was *file) bool {
	if f == nil || was == nil {
		return f == was
	}
	for coding := range f.packed {
		if !f.packed[coding].same(was.packed[coding]) {
			return false
		}
	}
	return diag.SameFile(f.info, was.info)
}
