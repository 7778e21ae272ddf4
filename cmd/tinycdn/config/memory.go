package config

import "tinycdn/zones/diag"

// shareMemory divides web.cache_bytes among the sites, and the paths in them, that do not say themselves how much they need.
func (c *checker) shareMemory() {
	left, without := c.config.Web.CacheBytes, ByteSize(0)
	sites := c.config.Sites
	what := "sites"
	for i := range sites {
		said, silent := sites[i].memory()
		if len(sites[i].Paths) > 0 {
			what = "sites and paths"
		}
		if sites[i].CacheBytes > 0 {
			left -= sites[i].CacheBytes
			continue
		}
		left -= said
		without += silent
	}
	if without > 0 && left < without<<20 || left < 0 {
		if c.first == nil {
			c.wrong(diag.At("web", "cache_bytes"), "too little for %d %s: each needs 1 MB or more", len(c.config.Parts()), what)
		}
		left = without << 20 // a start goes on with that
	}
	for i := range sites {
		if sites[i].CacheBytes > 0 {
			c.shareWithin(&sites[i])
		} else {
			sites[i].share(left / max(without, 1))
		}
	}
}

// memory is how many bytes the paths of a site say that they need, and how many parts of it say nothing.
func (s *Site) memory() (said, silent ByteSize) {
	if s.count() > 0 || len(s.Paths) == 0 {
		silent++
	}
	for _, path := range s.Paths {
		if said += path.CacheBytes; path.CacheBytes == 0 {
			silent++
		}
	}
	return said, silent
}

// share gives each part of a site that says nothing so many bytes.
func (s *Site) share(bytes ByteSize) {
	for i := range s.Paths {
		if s.Paths[i].CacheBytes == 0 {
			s.Paths[i].CacheBytes = bytes
		}
	}
	s.CacheBytes, _ = s.memory()
	if s.count() > 0 || len(s.Paths) == 0 {
		s.CacheBytes += bytes
	}
}

// shareWithin divides the memory of a site that says how much that is.
func (c *checker) shareWithin(s *Site) {
	if len(s.Paths) == 0 {
		return
	}
	said, silent := s.memory()
	left := s.CacheBytes - said
	if silent > 0 && left < silent<<20 || left < 0 {
		c.wrong(diag.At("sites", s.Name, "cache_bytes"), "too little for %d paths: each needs 1 MB or more", len(s.Parts()))
		left = silent << 20
	}
	s.share(left / max(silent, 1))
}
