package content

import (
	"regexp"
	"time"

	"tinycdn/webserver/content/front"
	"tinycdn/zones/diag"
)

// held is what of a site is held back at some time, by its authors' wish.
type held struct {
	holds   map[*source]front.Hold
	back    map[*source]bool
	folders map[string]bool // of what is held back: with all that is in them, or for itself alone
	next    time.Time       // when that is another next; zero: never
	notes   []diag.Problem
}

// holdBack finds what is held back now. What says so of itself takes all that is in its folder along, as Zola's drafts do. A
// section may also say of what is in it what that does not say of itself, as Hugo's cascade does.
func holdBack(all map[string]*source, c *settings, now time.Time) *held {
	h := &held{holds: map[*source]front.Hold{}, back: map[*source]bool{}, folders: map[string]bool{}}
	sections := map[string]*source{}
	for _, s := range all {
		if s.section {
			sections[s.folder] = s
		}
	}
	for _, s := range all {
		hold := s.Hold
		if hold.Publish.IsZero() {
			hold.Publish = s.Date
		}
		h.holds[s] = inherited(hold, s.folder, sections)
		h.back[s] = h.judge(s, h.holds[s], c, now)
		if folder, ok := s.ownFolder(); ok && h.back[s] {
			if s.section {
				hold.Hidden = nil // that is the list alone
			}
			h.folders[folder] = !s.section || isBack(hold, c, now)
		}
	}
	for _, s := range all {
		for folder := s.folder; !h.back[s]; folder = above(folder) {
			h.back[s] = h.folders[folder]
			if folder == "" {
				break
			}
		}
	}
	if h.folders[""] {
		h.notes = append(h.notes, diag.Problem{File: sections[""].path, Line: 1, Text: "this holds back the whole site"})
	}
	return h
}

// ownFolder is the folder that a page or section has for itself.
func (s *source) ownFolder() (string, bool) {
	if s.section {
		return s.folder, true
	}
	return s.own, s.own != ""
}

// keeps says whether a file beside pages is held back. If not, owned says whether a folder is that of a page that is served.
func (h *held) keeps(file string, owned map[string]bool) bool {
	keeps, decided := true, false
	for folder := above(file); folder != ""; folder = above(folder) {
		all, back := h.folders[folder]
		if all {
			return true
		}
		if !decided && (back || owned[folder]) {
			keeps, decided = back, true
		}
	}
	return keeps || h.folders[""]
}

// saysDraft finds a draft in front matter that cannot be read.
var saysDraft = regexp.MustCompile(`(?mi)^[ \t]*draft[ \t]*[=:][ \t]*["']?(?:true|yes|on|1)`)

// heldSection stands for a section whose front matter cannot be read, but seems to hold it back; nil: the file is of none.
func heldSection(file, path string) *source {
	yes := true
	s := &source{place: placeOf(file), file: file, path: path}
	if s.Hold.Draft = &yes; !s.section {
		return nil
	}
	return s
}

// inherited is what is said of a page, by itself or by the sections that it is in.
func inherited(hold front.Hold, folder string, sections map[string]*source) front.Hold {
	for ; ; folder = above(folder) {
		if section := sections[folder]; section != nil {
			hold = hold.Or(section.Below)
		}
		if folder == "" {
			return hold
		}
	}
}

// judge says whether a source is held back, and finds when that is to change. A section without a page of its own has
// others in it.
func (h *held) judge(s *source, hold front.Hold, c *settings, now time.Time) bool {
	if s.section {
		hold.Hidden = nil
	}
	back := isBack(hold, c, now)
	for _, date := range []time.Time{hold.Publish, hold.Expiry} {
		if date.After(now) && !is(hold.Draft) && (h.next.IsZero() || date.Before(h.next)) {
			h.next = date
		}
	}
	switch {
	case !back || is(hold.Draft) || is(hold.Hidden):
	case hold.Publish.After(now):
		h.note(s, "held back until its date has come", "publishdate", "pubdate", "published", "date")
	default:
		h.note(s, "held back: it has expired", "expirydate", "unpublishdate")
	}
	return back
}

func isBack(hold front.Hold, c *settings, now time.Time) bool {
	return is(hold.Draft) && !c.drafts || is(hold.Hidden) || hold.Publish.After(now) && !c.future ||
		!hold.Expiry.IsZero() && !hold.Expiry.After(now) && !c.expired
}

func (h *held) note(s *source, text string, keys ...string) {
	h.notes = append(h.notes, diag.Problem{File: s.path, Line: s.Line(keys...), Text: text})
}

func is(said *bool) bool { return said != nil && *said }
