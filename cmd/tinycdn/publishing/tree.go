package publishing

import (
	"fmt"
	"path/filepath"
	"strings"

	"tinycdn/cmd/tinycdn/cluster/manifest"
)

// tree finds the deepest folder that holds all files, and gives them as they are named below it, so that what is written of
// one in another stays true.
func tree(files []string) (top string, names []string, err error) {
	for i, file := range files {
		if files[i], err = filepath.Abs(file); err != nil {
			return "", nil, err
		}
		folder := filepath.Dir(files[i])
		if i == 0 {
			top = folder
		}
		for top != "/" && folder != top && !strings.HasPrefix(folder, top+"/") {
			top = filepath.Dir(top)
		}
	}
	if top == "/" {
		return "", nil, fmt.Errorf("these files have no folder in common but /: keep them below one, and name them relative to tinycdn.toml")
	}
	for _, file := range files {
		names = append(names, filepath.ToSlash(strings.TrimPrefix(file, top+"/")))
	}
	return top, names, nil
}

// relative is a file as it is named below top.
func relative(top, file string) string {
	absolute, _ := filepath.Abs(file)
	return filepath.ToSlash(strings.TrimPrefix(absolute, top+"/"))
}

// paths are where contents are at hand.
func paths(top string, files []manifest.File) map[manifest.Hash]string {
	at := make(map[manifest.Hash]string, len(files))
	for _, f := range files {
		at[f.Hash] = filepath.Join(top, filepath.FromSlash(f.Path))
	}
	return at
}
