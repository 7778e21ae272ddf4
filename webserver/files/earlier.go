package files

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"tinycdn/webserver/folder"
	"tinycdn/webserver/page"
)

// Earlier is a file of what was served before.
type Earlier struct {
	Name   string // from its folder, with slashes
	Folder string // what the site's folder was then
	Until  time.Time
}

// EarlierIn are those of list that were in a folder of the folder, as they are from there.
func EarlierIn(list []Earlier, name string) (in []Earlier) {
	for _, e := range list {
		if rest, ok := strings.CutPrefix(e.Name, name+"/"); ok {
			in = append(in, Earlier{rest, filepath.Join(e.Folder, name), e.Until})
		}
	}
	return in
}

// Lasts says whether a file of that name never has another content: visitors may keep it for a year.
func Lasts(name string) bool { return page.Lasts("/"+name, typeOf(name)) }

// folder is where the file lies, of a site in that folder.
func (f *file) folder(site folder.Folder) folder.Folder {
	if f.until.IsZero() {
		return site
	}
	return f.from
}

// was is what lay at a name in the last site.
func (r *reader) was(name string) *file {
	if f := r.last.files[name]; f != nil {
		return f
	}
	return r.last.earlier["/"+name]
}

// fillEarlier takes what deploys took away, in what memory is left. Nobody is told of what is not there any more.
func (r *reader) fillEarlier(left int64) {
	s := r.site
	s.earlier = map[string]*file{}
	for _, e := range s.config.Earlier {
		if !Lasts(e.Name) || s.files[e.Name] != nil || s.earlier["/"+e.Name] != nil || folder.Hides(e.Name) || s.config.Leave != nil && s.config.Leave(e.Name) {
			continue
		}
		info, err := os.Lstat(filepath.Join(e.Folder, filepath.FromSlash(e.Name)))
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		f := &file{name: e.Name, info: info, from: folder.At(e.Folder), until: e.Until}
		f.mediaType, _ = s.config.typeOf(e.Name)
		f.fields, f.overlay = s.told.fieldsOf("/" + e.Name)
		if r.look(f) != nil {
			continue
		}
		p, err := r.take(f)
		switch {
		case err != nil:
			continue
		case p != nil && p.Bytes() <= left:
			f.page = p
			left -= p.Bytes()
		case p != nil:
			r.full = true
			fallthrough
		default:
			f.disk = r.disk(f)
		}
		s.earlier["/"+e.Name] = f
	}
}

// AnswerEarlier gives what lay at a path before, if it is to be served on. A rule of the site that goes before a file goes before
// it.
func (s *Site) AnswerEarlier(q *page.Request, path string) (page.Answer, bool) {
	f := s.earlier[path]
	if f == nil || !time.Now().Before(f.until) {
		return page.Answer{}, false
	}
	if a, ruled := s.ruled(q, path, true); ruled {
		return a, true
	}
	return s.give(q, f), true
}
