package content

import (
	"regexp"
	"strings"

	"tinycdn/zones/diag"
)

const (
	zola = "Zola"
	hugo = "Hugo"
)

// generator is the program that a site was made for, whose URLs its readers know; the zero value: no other than ours.
type generator struct {
	name      string
	perhaps   bool // it is Zola if base_url, which Zola wants to be there, is not there for us
	keepDates bool // the date in a file's name is a part of its URL
	anySlugs  bool // it was told to make URLs of names in some other way
	languages map[string]bool
}

// generator tells by the settings for whom they were written.
func (t table) generator(file string) (g generator) {
	languages, _ := t.at("languages").(map[string]any)
	g.languages = map[string]bool{}
	for language := range languages {
		g.languages[strings.ToLower(language)] = true
	}
	switch stem, _, _ := strings.Cut(file, "."); {
	case stem == "zola":
		g.name = zola
	case stem == "hugo", t.at("baseurl") != nil:
		g.name = hugo
	case t.at("base_url") != nil:
		g.perhaps = true
		for _, key := range []string{
			"compile_sass", "build_search_index", "generate_feed", "generate_feeds", "highlight_code", "markdown", "slugify", "taxonomies",
			"minify_html", "default_language", "theme", "feed_filenames",
		} {
			if t.at(key) != nil {
				g.name = zola
			}
		}
	}
	switch g.name {
	case zola:
		g.keepDates = t.is("slugify.paths_keep_dates")
		paths := t.text("slugify.paths")
		g.anySlugs = paths != "" && paths != "on"
	case hugo:
		dates, _ := t.at("frontmatter.date").([]any)
		g.keepDates = len(dates) == 0
		g.anySlugs = true
	}
	return g
}

// translated is the name of a translation: about.fr.md.
var translated = regexp.MustCompile(`\.([a-z]{2}(?:-[A-Za-z]{2,4})?)\.md$`)

// elsewhere notes what would have another URL, were the site built by the program that it was made for.
func (g generator) elsewhere(all map[string]*source) (notes []diag.Problem) {
	note := func(s *source, text string, keys ...string) {
		notes = append(notes, diag.Problem{File: s.path, Line: s.Line(keys...), Text: text})
	}
	for _, s := range all {
		if parts := translated.FindStringSubmatchIndex(s.file); parts != nil {
			base := all[s.file[:parts[0]]+".md"]
			if base != nil || g.languages[strings.ToLower(s.file[parts[2]:parts[3]])] {
				note(s, "this is a translation: tinycdn has none, and shows it as a page of its own")
				continue
			}
		}
		switch {
		case g.name == "" || s.Path != "":
		case !s.place.date.IsZero() && g.keepDates && s.Slug == "":
			note(s, g.name+" keeps the date of a file's name in the URL, where it is left out here: an alias keeps the old URL")
		case !g.anySlugs && s.zolaURL() != s.url:
			note(s, g.name+" gives this page another URL (its slugs have nothing but a to z, 0 to 9 and hyphens): an alias keeps the old one", "slug")
		}
	}
	return notes
}

// zolaURL is the URL that Zola makes of the page's file and slug. Of letters beyond ASCII it makes others, which are not
// looked up here: as they stand they are no part of any URL of ours.
func (s *source) zolaURL() string {
	parts := strings.Split(strings.TrimSuffix(s.file, ".md"), "/")
	if last := parts[len(parts)-1]; last == "index" || last == "_index" {
		parts = parts[:len(parts)-1]
	}
	url := "/"
	for i, part := range parts {
		if i == len(parts)-1 && !s.section {
			if !s.place.date.IsZero() {
				part = datedName.FindStringSubmatch(part)[2]
			}
			if s.Slug != "" {
				part = s.Slug
			}
		}
		url += strings.Trim(notInSlugs.ReplaceAllString(strings.ToLower(part), "-"), "-") + "/"
	}
	return url
}

var notInSlugs = regexp.MustCompile(`[^a-z0-9]+`)
