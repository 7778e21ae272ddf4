package zonefile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tinycdn/geoip/plainfile"
)

// fence are the folders from which a zone may include files, its own first. Who may write a zone may not read everything
// that the server may: what is included is answered, and told in the log where it is no zone file.
type fence []string

// open opens a file inside of the fence, wherever symbolic links lead on the way.
func (f fence) open(path string) (source, error) {
	outside := fmt.Errorf("leads out of the zone's folder %s (include_from in tinycdn.toml allows others)", f[0])
	way, err := filepath.Abs(path)
	if err != nil {
		return source{}, err
	}
	given, real := f.folders()
	target, err := filepath.EvalSymlinks(way)
	if _, _, inside := find(way, append(given, real...)); err != nil && !inside {
		return source{}, outside // whether there is something is nobody's business
	}
	if err != nil {
		return source{}, err
	}
	info, _ := os.Stat(path)
	folder, name, inside := find(target, real)
	if !inside {
		return source{info: info}, outside
	}
	root, err := os.OpenRoot(folder) // what changes meanwhile does not lead out either
	if err != nil {
		return source{info: info}, err
	}
	defer root.Close()
	file, opened, err := plainfile.OpenIn(root, name)
	if opened == nil {
		opened = info
	}
	return source{file, opened}, err
}

// folders are those of the fence, as they are given and where they lead.
func (f fence) folders() (given, real []string) {
	for _, folder := range f {
		if folder, err := filepath.Abs(folder); err == nil {
			given = append(given, folder)
			if folder, err := filepath.EvalSymlinks(folder); err == nil {
				real = append(real, folder)
			}
		}
	}
	return given, real
}

// find gives the folder that a path lies in, and its name there.
func find(path string, folders []string) (folder, name string, inside bool) {
	for _, folder := range folders {
		name, err := filepath.Rel(folder, path)
		if err == nil && name != ".." && !strings.HasPrefix(name, ".."+string(filepath.Separator)) {
			return folder, name, true
		}
	}
	return "", "", false
}
