package origin

import "tinycdn/webserver/hosts"

// Purge forgets the page at a path with its query, in all its variants, and says how many there were. What is on its way
// already will not be kept.
func (s *Site) Purge(host, pathAndQuery string) int {
	host, _ = hosts.Plain(host)
	return s.store.purge(key{host, pathAndQuery, false}) + s.store.purge(key{host, pathAndQuery, true})
}

// PurgeAll forgets all pages, and says how many there were.
func (s *Site) PurgeAll() int { return s.store.purgeAll() }
