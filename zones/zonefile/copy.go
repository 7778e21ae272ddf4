package zonefile

import (
	"os"
	"path/filepath"

	"tinycdn/geoip/plainfile"
	"tinycdn/zones/diag"
)

// ReadCopy is Read of a copy of the zone: each of its files lies below the folder under by its absolute path, as rsync -R would
// put it there. All that is told of them names them as they are without it. Nothing outside of that folder is read.
func ReadCopy(under, path, origin string, sink Sink) (Zone, []diag.Problem) {
	r := newReader(sink, func(path string) (source, error) { return openCopy(under, path) })
	return r.read(path, origin)
}

func openCopy(under, path string) (source, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return source{}, err
	}
	root, err := os.OpenRoot(under)
	if err != nil {
		return source{}, err
	}
	defer root.Close()
	file, info, err := plainfile.OpenIn(root, path[1:])
	return source{file, info}, err
}
