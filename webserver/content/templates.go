package content

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"tinycdn/webserver/content/theme"
	"tinycdn/zones/diag"
)

// templates are a theme as it was read.
type templates struct {
	*theme.Theme
	hash   contentHash
	broken []diag.Problem // they cannot be used
}

// templates reads the templates; those of last, which may be nil, serve again if nothing has changed.
func (r *reader) templates(last *templates) *templates {
	t := &templates{}
	owners := map[string]theme.Template{}
	inputs := &inputs{}
	r.walk("templates", func(name string, info fs.FileInfo) {
		if path.Ext(name) != ".html" {
			return
		}
		if info.Size() > theme.LongestTemplate {
			inputs.text(name)
			t.broken = append(t.broken, diag.Problem{File: r.Full(name), Text: fmt.Sprintf("a template may have %d kB", theme.LongestTemplate>>10)})
			return
		}
		if data, ok := r.text(name, info); ok {
			name, path := strings.TrimPrefix(name, "templates/"), r.Full(name)
			owners[name] = theme.Template{Path: path, Text: string(data)}
			inputs.text(name)
			inputs.add(hashOf(data, info.ModTime()))
		}
	})
	t.hash = inputs.hash()
	if last != nil && last.hash == t.hash {
		return last
	}
	set, problems := theme.New(owners)
	t.Theme, t.broken = set, append(t.broken, problems...)
	return t
}
