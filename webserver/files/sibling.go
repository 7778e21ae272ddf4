package files

import (
	"path"

	"tinycdn/webserver/page"
	"tinycdn/zones/diag"
)

// offer gives the page the packed forms that lie beside its file, so that they need not be made here. One that holds
// anything else, as one of an earlier build does, would be a different page for some visitors: it is left out.
func (r *reader) offer(p *page.Page, f *file) {
	for coding, packed := range f.packed {
		if packed == nil || packed.info.Size() >= int64(len(p.Body())) {
			continue // larger than the page itself, it is of no use
		}
		body, err := r.read(packed)
		switch {
		case err != nil:
			r.wrong(packed.name, "cannot be read: %v", diag.Reason(err))
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
			r.note(f.packed[coding].name, "this is not what %s is now; it is left out (pack it again, or remove it)", path.Base(f.name))
		}
	}
}
