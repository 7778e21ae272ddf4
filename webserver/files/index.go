package files

import (
	"bytes"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"tinycdn/webserver/page"
)

// index gives every file its URLs. What is more exact wins: a file of just that name, then a page without its ".html",
// then a redirect.
func (s *Site) index() {
	s.urls = make(map[string]target, 3*len(s.files))
	for name, f := range s.files {
		s.urls["/"+name] = target{file: f}
	}
	for _, kind := range []func(name string, f *file){s.indexFolder, s.indexPage, s.indexSlash} {
		for name, f := range s.files {
			kind(name, f)
		}
		for name, f := range s.listings {
			kind(name, f)
		}
	}
}

// indexFolder lets "/dir/" stand for dir/index.html, or for the list in its stead.
func (s *Site) indexFolder(name string, f *file) {
	if path.Base(name) == indexName {
		s.add(clean(name), target{file: f})
	}
}

// indexPage lets "/about" stand for about.html.
func (s *Site) indexPage(name string, f *file) {
	if path.Base(name) != indexName && path.Ext(name) == ".html" {
		s.add(clean(name), target{file: f})
	}
}

// indexSlash sends those who write a slash too much or too little to the page's one address, so that the relative links
// in it lead where they shall.
func (s *Site) indexSlash(name string, f *file) {
	switch url := clean(name); {
	case url == "/" || s.urls[url].file != f:
	case strings.HasSuffix(url, "/"):
		s.add(strings.TrimSuffix(url, "/"), target{file: f, moved: escaped(s.config.Below + url)})
	case path.Ext(name) == ".html":
		s.add(url+"/", target{file: f, moved: escaped(s.config.Below + url)})
	}
}

func (s *Site) add(url string, to target) {
	if _, ok := s.urls[url]; !ok {
		s.urls[url] = to
	}
}

const indexName = "index.html"

// clean is the URL's path at which a file is best known.
func clean(name string) string {
	if folder, ok := strings.CutSuffix("/"+name, "/"+indexName); ok {
		return folder + "/"
	}
	return "/" + strings.TrimSuffix(name, ".html")
}

// escaped is a path as it is written in a URL.
func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }

// statuses are those that a file is the page of: 404 for 404.html, those of servers in trouble for 50x.html.
func statuses(name string) []int {
	stem, ok := strings.CutSuffix(name, ".html")
	if stem == "50x" && ok {
		return []int{500, 501, 502, 503, 504, 505}
	}
	if !ok || len(stem) != 3 { // nearly always: an error of Atoi takes memory
		return nil
	}
	status, err := strconv.Atoi(stem)
	if err != nil || status < 400 || status > 599 {
		return nil
	}
	return []int{status}
}

// errorPages makes the pages of errors from the files named for them.
func (s *Site) errorPages(last *Site) {
	s.errors = map[int]*page.Page{}
	for name, f := range s.files {
		if f.page == nil {
			continue
		}
		for _, status := range statuses(name) {
			if s.errors[status] != nil && name == "50x.html" {
				continue
			}
			s.errors[status] = errorPage(status, f, last)
		}
	}
	if p := s.errors[http.StatusNotFound]; p != nil {
		s.missing = p
	}
}

// errorPage makes the page of an error from a file, unless the last site has made it already.
func errorPage(status int, f *file, last *Site) *page.Page {
	mediaType := f.page.Field("Content-Type")
	if last != nil && last.errors[status] != nil {
		if was := last.errors[status]; bytes.Equal(was.Body(), f.page.Body()) && was.Field("Content-Type") == mediaType {
			return was
		}
	}
	return page.New(page.Response{
		Status: status,
		Header: []page.Field{{Name: "Content-Type", Value: mediaType}, {Name: "Cache-Control", Value: page.ErrorCacheControl(status)}},
		Body:   f.page.Body(),
	})
}
