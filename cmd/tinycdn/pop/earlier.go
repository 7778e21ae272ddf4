package pop

import (
	"path/filepath"
	"strings"

	"tinycdn/cmd/tinycdn/cluster"
	"tinycdn/webserver/files"
)

func (o *Options) earlierIn(folder string) []files.Earlier {
	if o.earlier == nil {
		return nil
	}
	return o.earlier(folder)
}

// earlier finds what is served of earlier generations among the files of a site, by its folder below view. Each generation lies there
// while it is served.
func earlier(assets []cluster.Asset, view string) func(folder string) []files.Earlier {
	return func(folder string) (list []files.Earlier) {
		within, err := filepath.Rel(view, folder)
		if err != nil || !filepath.IsLocal(within) {
			return nil
		}
		prefix := filepath.ToSlash(within) + "/"
		for _, a := range assets {
			if name, ok := strings.CutPrefix(a.Path, prefix); ok || within == "." {
				list = append(list, files.Earlier{Name: name, Folder: filepath.Join(a.Tree, within), Until: a.Until})
			}
		}
		return list
	}
}
