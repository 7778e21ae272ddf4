package files

import (
	"errors"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"tinycdn/geoip/plainfile"
	"tinycdn/webserver/folder"
	"tinycdn/webserver/page"
	"tinycdn/webserver/reply"
	"tinycdn/zones/diag"
)

// onDisk writes a file that is not kept in memory.
type onDisk struct {
	site   *Site
	file   *file
	header []page.Field
	tag    atomic.Pointer[string] // the entity tag, once somebody has had the whole file
}

// disk makes the handler of a file. What was found out about the content is kept while the file is the same.
func (r *reader) disk(f *file) *onDisk {
	d := &onDisk{site: r.site, file: f, header: r.header(f, f.mediaType)}
	if was := r.was(f.name); was != nil && was.disk != nil && was.disk.header[0] == d.header[0] && diag.SameFile(was.info, f.info) {
		d.tag.Store(was.disk.tag.Load())
	}
	return d
}

func (d *onDisk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in, info, err := d.site.open(r.Context(), d.file.folder(d.site.folder), d.file.name)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	defer in.Close()
	for _, f := range d.header {
		w.Header().Set(f.Name, f.Value)
	}
	var content io.ReadSeeker = in
	switch tag := d.tag.Load(); {
	case !diag.SameFile(info, d.file.info):
		// A new version is on its way. Who gets this one in the meantime shall not keep it.
		w.Header().Set("Cache-Control", "no-store")
	case tag != nil:
		w.Header().Set("Etag", *tag)
	default:
		content = d.tagged(in)
	}
	modified := page.LastModified(info.ModTime(), time.Now())
	http.ServeContent(w, heeded(r, info.Size(), modified), "", modified, &queued{content, r.Context(), d.site.config.Disk})
}

// heeded is a request as it is taken for a page in memory too, where net/http is not of that mind.
func heeded(r *http.Request, size int64, modified time.Time) *http.Request {
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	newer := err == nil && !since.Equal(modified) // the file may be older than the visitor's, and another
	ranges := r.Header.Get("Range")
	if !newer && ranges == "" {
		return r
	}
	r = r.Clone(r.Context())
	if newer {
		r.Header.Del("If-Modified-Since")
	}
	if r.Method == http.MethodGet && reply.Heeds(ranges, size) {
		r.Header.Set("Range", strings.ToLower(ranges)) // a unit has no letter case (RFC 9110, 14.1)
	} else {
		r.Header.Del("Range") // of HEAD, of other units, of too many: RFC 9110, 14.2
	}
	return r
}

// fail tells why there is no file.
func (d *onDisk) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := d.site.missing
	var other plainfile.NotAFile
	if err == errBusy {
		w.Header().Set("Retry-After", "1")
	}
	if !errors.Is(err, fs.ErrNotExist) && !errors.As(err, &other) {
		if p = d.site.Error(http.StatusServiceUnavailable); p == nil {
			p = page.Plain(http.StatusServiceUnavailable)
		}
	}
	p.ServeHTTP(w, r)
}

// tagged reads a file and finds its entity tag on the way, so that it is read once. The tag is the one that the
// same content has in memory, which it is at a POP with more of it.
func (d *onDisk) tagged(in *os.File) io.ReadSeeker {
	return &tagging{in: in, disk: d, sum: page.NewHash(d.header[0].Value)}
}

// tagging is a file that is hashed while it is read from its beginning to its end.
type tagging struct {
	in         *os.File
	disk       *onDisk
	sum        hash.Hash
	at, hashed int64 // up to where it was read, and hashed
}

func (t *tagging) Seek(offset int64, whence int) (int64, error) {
	at, err := t.in.Seek(offset, whence)
	if err == nil {
		t.at = at
	}
	return at, err
}

func (t *tagging) Read(b []byte) (int, error) {
	n, err := t.in.Read(b)
	if t.at == t.hashed {
		t.sum.Write(b[:n])
		t.hashed += int64(n)
	}
	t.at += int64(n)
	if n > 0 && t.hashed == t.disk.file.info.Size() && folder.Unchanged(t.in, t.disk.file.info) == nil {
		tag := page.TagOf(t.sum)
		t.disk.tag.Store(&tag)
	}
	return n, err
}
