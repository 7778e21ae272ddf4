package files

import (
	"path"
	"strings"

	"tinycdn/webserver/page"
)

// pair finds the files that are packed forms of others: "index.html.gz" beside "index.html". By its name each is a URL
// of its own, which is seldom asked for: sitemap.xml.gz. What is not packed here has no packed forms: pkg.tar.gz is a file beside pkg.tar.
func pair(files map[string]*file) {
	for name, f := range files {
		extension := path.Ext(name)
		coding, ok := page.CodingOf(extension)
		if !ok {
			continue
		}
		if of := files[strings.TrimSuffix(name, extension)]; of != nil && page.Compressible(of.mediaType) {
			of.packed[coding], f.isPacked = f, true
		}
	}
}

// offer gives the page the packed forms that lie beside its file, so that they need not be made here. One that holds
// anything else, as one of an earlier build does, would be a different page for some visitors: it is left to who asks for it.
func (r *reader) offer(p *page.Page, f *file) {
	for coding, packed := range f.packed {
		if packed == nil || packed.info.Size() >= int64(len(p.Body())) {
			continue // larger than the page itself, it is of no use
		}
		body, err := r.Read(packed.name, packed.info)
		switch {
		case err != nil:
			r.leaveOut(packed, err)
		case !page.Holds(page.Coding(coding), body, p.Body()):
			f.outdated[coding] = true
		default:
			p.AddPrecompressed(page.Coding(coding), body)
		}
	}
}

func (r *reader) noteOutdated(f *file) {
	for coding, is := range f.outdated {
		if is {
			r.Note(f.packed[coding].name, "this is not what %s is now; it is served by its own name alone (pack it again, or remove it)", path.Base(f.name))
		}
	}
}
