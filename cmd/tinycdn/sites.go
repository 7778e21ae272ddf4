package main

import (
	"cmp"
	"fmt"
	"net/url"
	"time"

	"tinycdn/cmd/tinycdn/config"
	"tinycdn/webserver"
	"tinycdn/webserver/content"
	"tinycdn/webserver/files"
	"tinycdn/webserver/origin"
	"tinycdn/zones/diag"
)

// siteState is a site of the configuration and what came of loading it.
type siteState struct {
	config   config.Site
	site     webserver.Site // nil: it could not be loaded, and answers 503
	since    time.Time      // when what is served was loaded
	stamps   diag.Files
	problems []diag.Problem
	notes    []diag.Problem
	effect   string // of the problems
}

// loadedSite is what came of loading a site of any kind.
type loadedSite struct {
	site            webserver.Site // nil: the last one stays
	problems, notes []diag.Problem
	files           diag.Files
}

func (l *webLoader) readSite(c *config.Site, last *siteState) *siteState {
	s := &siteState{config: *c}
	var before webserver.Site
	if last != nil {
		before = last.site
	}
	loaded := l.loadSite(c, last, before)
	s.site, s.since, s.stamps = loaded.site, time.Now(), loaded.files
	s.problems, s.notes = loaded.problems, loaded.notes
	if before != nil && s.site == before {
		s.since = last.since // an application goes on, whatever is new about the site
	}
	switch settled := s.stamps.Unchanged(); {
	case s.site == nil && before != nil:
		s.site, s.since, s.effect = before, last.since, "the site stays as it was"
	case !settled && before != nil:
		// Files were changing while they were read: this is neither the old site nor the new one.
		kept := *last
		kept.stamps = nil // look again
		return &kept
	case s.site == nil:
		s.effect = "the site answers 503"
	default:
		s.effect = "the rest of the site is served"
	}
	return s
}

// loadSite never ends the process: if odd files bring out a mistake of ours, or of a library, that costs the site and no more.
func (l *webLoader) loadSite(c *config.Site, last *siteState, before webserver.Site) (loaded loadedSite) {
	defer func() {
		if fault := recover(); fault != nil {
			loaded = loadedSite{problems: []diag.Problem{{File: cmp.Or(c.Pages, c.Root, c.Origin), Text: fmt.Sprintf(
				"the site cannot be loaded, which is a bug in tinycdn; please report it: %v", fault)}}}
			if last != nil {
				loaded.files = last.stamps // they tell where to look for a change
			}
		}
	}()
	host := c.Canonical
	if host == "" {
		host = c.Hosts[0]
	}
	switch {
	case c.Pages != "":
		same, _ := before.(*content.Site)
		is := content.Load(content.Config{Folder: c.Pages, Host: host, Memory: c.CacheBytes, Rules: c.Rules, Log: l.log}, same)
		return loadedSite{siteOrNil(is.Value), is.Problems, is.Notes, is.Files}
	case c.Root != "":
		same, _ := before.(*files.Site)
		is := files.Load(files.Config{Folder: c.Root, Hosts: c.Hosts, Memory: c.CacheBytes, Rules: c.Rules}, same)
		return loadedSite{siteOrNil(is.Value), is.Problems, is.Notes, is.Files}
	}
	if last != nil && last.config.Origin == c.Origin && last.config.OriginHost == c.OriginHost && last.config.CacheBytes == c.CacheBytes {
		return loadedSite{site: before} // with all that it has kept
	}
	to, err := url.Parse(c.Origin)
	if err != nil {
		return loadedSite{problems: []diag.Problem{{File: c.Origin, Text: err.Error()}}}
	}
	return loadedSite{site: origin.New(origin.Config{
		Name: c.Name, URL: to, Host: c.OriginHost, Memory: c.CacheBytes, POP: l.pop, Connections: l.connections,
	})}
}

// siteOrNil keeps a nil pointer from becoming a site.
func siteOrNil[S interface {
	*T
	webserver.Site
}, T any](site S) webserver.Site {
	if site == nil {
		return nil
	}
	return site
}

// pages counts what can be asked for, as far as it is known beforehand.
func (s *siteState) pages() string {
	if counted, ok := s.site.(interface{ Pages() int }); ok {
		return fmt.Sprintf("%d pages", counted.Pages())
	}
	if s.site == nil {
		return "none: it could not be loaded"
	}
	return "from " + s.config.Origin
}
