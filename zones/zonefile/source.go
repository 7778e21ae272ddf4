package zonefile

import (
	"io"
	"io/fs"

	"tinycdn/geoip/plainfile"
	"tinycdn/zones/diag"
)

// maxFiles bounds the files of one zone: files that include each other can multiply without a loop.
const maxFiles = 1000

// source is an open file of a zone.
type source struct {
	io.ReadCloser
	info fs.FileInfo
}

// openFile opens a plain file. info is there for whatever is there.
func openFile(path string) (source, error) {
	file, info, err := plainfile.Open(path)
	return source{file, info}, err
}

// openCounted opens a file of the zone, as the zone's own or as one that it includes, and notes it as one, as it is before it is read: a change meanwhile is then seen
// as a change later. Of a file that is read twice the first look counts, for the same reason.
func (r *reader) openCounted(path string, open func(path string) (source, error)) (source, error) {
	if r.files++; r.files > maxFiles {
		return source{}, diag.Kind("more than 1000 files are included")
	}
	src, err := open(path)
	if _, known := r.zone.Files[path]; !known {
		r.order = append(r.order, path)
		r.zone.Files[path] = src.info
	}
	if err == nil && (r.newestFile == "" || src.info.ModTime().After(r.newest)) {
		r.newest, r.newestFile = src.info.ModTime(), path
	}
	return src, err
}
