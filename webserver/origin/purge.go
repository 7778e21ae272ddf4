package origin

import (
	"strings"

	"tinycdn/webserver/hosts"
)

// Purge forgets the page at a path with its query, in all its variants and however that is spelled, and says how many there
// were. With a * at its end, it is all that begins so. What is on its way already will not be kept.
func (s *Site) Purge(host, pathAndQuery string) int {
	host, _ = hosts.Plain(host)
	begin, all := strings.CutSuffix(pathAndQuery, "*")
	wanted := normal(begin)
	n := s.forget(host, pathAndQuery)
	for _, k := range s.keys() {
		if there, _ := hosts.Plain(k.host); there != host {
			continue
		}
		if is := normal(k.target); is == wanted && !all || all && strings.HasPrefix(is, wanted) {
			n += s.store.purge(k)
		}
	}
	return n
}

// PurgeAll forgets all pages, and says how many there were.
func (s *Site) PurgeAll() int { return s.store.purgeAll() }

// forget forgets what is kept for just this path and query of a host, by whatever port and scheme of ours.
func (s *Site) forget(host, target string) (n int) {
	host, _ = hosts.Plain(host)
	for _, port := range s.ports.all() {
		n += s.store.purge(key{host + port, target, false}) + s.store.purge(key{host + port, target, true})
	}
	return n
}

// keys are those of what is kept, or on its way.
func (s *Site) keys() []key {
	all := s.store.keys()
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.flights {
		all = append(all, k.key)
	}
	return all
}

// normal is one of the equivalent spellings of a path and query (RFC 3986, 6.2.2): what need not be escaped is not, what
// must be is, in capitals.
func normal(target string) string {
	var b strings.Builder
	const digits = "0123456789ABCDEF"
	for i := 0; i < len(target); i++ {
		c, escaped := target[i], false
		if c == '%' && i+2 < len(target) {
			high, low := strings.IndexByte(digits, upper(target[i+1])), strings.IndexByte(digits, upper(target[i+2]))
			if escaped = high >= 0 && low >= 0; escaped {
				c = byte(high<<4 | low)
				i += 2
			}
		}
		if c >= 0x80 || escaped && !unreserved(c) {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'f' {
		return c - 'a' + 'A'
	}
	return c
}

// unreserved says whether a character means the same with and without an escape (RFC 3986, 2.3).
func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
