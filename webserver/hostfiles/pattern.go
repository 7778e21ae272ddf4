package hostfiles

import (
	"errors"
	"fmt"
	"strings"

	"tinycdn/webserver/hosts"
)

// mostNames is how many parts of a path a pattern may name, its splat among them.
const mostNames = 8

// values are what the names of a pattern stand for in a path, in the order in which they stand in the pattern.
type values [mostNames]string

// pattern is a path in which ":name" stands for what is between two slashes, or a part of it, and "*" for anything.
// A slash at its end makes no difference.
type pattern struct {
	names []string // "splat" is the *

	head, tail    []segment // what is before and behind the segment with the *; without a *, all is head
	star          bool
	before, after string // the rest of the segment with the *

	globs []string // of one with several *, which names nothing: what stands between them
}

// segment is what a pattern has between two slashes.
type segment struct {
	texts []string // what stands before, between and behind its names
	first int      // the number of its first name
}

var (
	errTwoInARow = errors.New("two placeholders, or one and a *, want some text between them")
	errTooMany   = fmt.Errorf("it has more than %d placeholders", mostNames)
	errMixed     = errors.New("with several * it can have no placeholder")
)

// parsePattern reads a path that may be escaped.
func parsePattern(text string) (p pattern, err error) {
	if why := unmatchable(text); why != nil {
		return p, why
	}
	if text != "/" {
		text = strings.TrimSuffix(text, "/")
	}
	if strings.Count(text, "*") > 1 {
		for piece := range strings.SplitSeq(text, "*") {
			if nextName(piece, 0) >= 0 {
				return p, errMixed
			}
			p.globs = append(p.globs, hosts.Unescaped(piece))
		}
		return p, nil
	}
	for part := range strings.SplitSeq(text[1:], "/") {
		before, after, star := strings.Cut(part, "*")
		if star {
			if nextName(part, 0) >= 0 {
				return p, errTwoInARow
			}
			p.star, p.before, p.after = true, hosts.Unescaped(before), hosts.Unescaped(after)
			p.names = append(p.names, splat)
			continue
		}
		s, err := p.segment(part)
		if err != nil {
			return p, err
		}
		if p.star {
			p.tail = append(p.tail, s)
		} else {
			p.head = append(p.head, s)
		}
	}
	if len(p.names) > mostNames {
		return p, errTooMany
	}
	return p, nil
}

// unmatchable says why no request has a path like this one; nil: some may.
func unmatchable(path string) error {
	if at := strings.IndexAny(path, "?#"); at >= 0 {
		return fmt.Errorf("a path has no %q in it (a ? of a path is written %%3F, a # %%23)", path[at:])
	}
	if plain := hosts.Unescaped(path); hosts.BadPath(plain) || hosts.HidesSeparator(plain, path) {
		return errors.New("it has a dot segment, a control character or an encoded slash in it, and nobody may ask for that")
	}
	return nil
}

// splat is what the * of a pattern is called where a rule leads.
const splat = "splat"

// segment reads what stands between two slashes.
func (p *pattern) segment(part string) (s segment, err error) {
	s.first = len(p.names)
	for {
		at := nextName(part, 0)
		if at < 0 {
			s.texts = append(s.texts, hosts.Unescaped(part))
			return s, nil
		}
		if at == 0 && len(s.texts) > 0 {
			return s, errTwoInARow
		}
		s.texts = append(s.texts, hosts.Unescaped(part[:at]))
		name := wordAt(part, at+1)
		p.names = append(p.names, name)
		part = part[at+1+len(name):]
	}
}

// nextName is where the colon of the next ":name" is, from an index on; -1: there is none. A colon behind a letter or
// a digit is a part of the text: "/Talk:Page", "host:port".
func nextName(text string, from int) int {
	for i := from; i < len(text); i++ {
		if text[i] == ':' && (i == 0 || !isWord(text[i-1]) || text[i-1] == '_') && wordAt(text, i+1) != "" {
			return i
		}
	}
	return -1
}

// wordAt is the name that begins at an index; "": none does.
func wordAt(text string, from int) string {
	end := from
	for end < len(text) && isWord(text[end]) && (end > from || isLetter(text[end])) {
		end++
	}
	return text[from:end]
}

func isWord(c byte) bool { return c >= '0' && c <= '9' || isLetter(c) || c == '_' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// exact is the one path that a pattern stands for; not ok: it stands for many.
func (p *pattern) exact() (path string, ok bool) {
	if p.star || p.globs != nil || len(p.names) > 0 {
		return "", false
	}
	for _, s := range p.head {
		path += "/" + s.texts[0]
	}
	return path, true
}

// match says whether a path, without escapes, is one that p stands for, and what its names are there. It takes time as
// the path is long.
func (p *pattern) match(path string, v *values) bool {
	if p.globs != nil {
		return p.matchGlobs(path)
	}
	if open := p.star && p.after == "" && p.tail == nil; !open { // else the slash is a part of what the * stands for
		path = trimmed(path)
	}
	rest, more := path[1:], true
	for i := range p.head {
		if !more {
			return false
		}
		var part string
		part, rest, more = strings.Cut(rest, "/")
		if !p.head[i].match(part, v) {
			return false
		}
	}
	if !p.star {
		return !more
	}
	if !more { // "/old" of "/old/*"
		v[p.splatAt()] = ""
		return p.before == "" && p.after == "" && p.tail == nil
	}
	for i := len(p.tail) - 1; i >= 0; i-- {
		at := strings.LastIndexByte(rest, '/')
		if at < 0 || !p.tail[i].match(rest[at+1:], v) {
			return false
		}
		rest = rest[:at]
	}
	if len(rest) < len(p.before)+len(p.after) || !strings.HasPrefix(rest, p.before) || !strings.HasSuffix(rest, p.after) {
		return false
	}
	v[p.splatAt()] = rest[len(p.before) : len(rest)-len(p.after)]
	return true
}

// splatAt is the number of the * among the names.
func (p *pattern) splatAt() int {
	n := 0
	for i := range p.head {
		n += len(p.head[i].texts) - 1
	}
	return n
}

// match gives names the least that they can stand for, and the last of them the rest.
func (s *segment) match(part string, v *values) bool {
	last := len(s.texts) - 1
	if last == 0 {
		return part == s.texts[0]
	}
	part, ok := strings.CutPrefix(part, s.texts[0])
	if !ok {
		return false
	}
	for i := 1; i < last; i++ {
		if part == "" {
			return false
		}
		at := strings.Index(part[1:], s.texts[i])
		if at < 0 {
			return false
		}
		v[s.first+i-1] = part[:at+1]
		part = part[at+1+len(s.texts[i]):]
	}
	part, ok = strings.CutSuffix(part, s.texts[last])
	v[s.first+last-1] = part
	return ok && part != ""
}

func (p *pattern) matchGlobs(path string) bool {
	last := len(p.globs) - 1
	if p.globs[last] != "" {
		path = trimmed(path)
	}
	path, ok := strings.CutPrefix(path, p.globs[0])
	for i := 1; ok && i < last; i++ {
		_, path, ok = strings.Cut(path, p.globs[i])
	}
	return ok && strings.HasSuffix(path, p.globs[last])
}

// trimmed is a path without the slash at its end: with it or without, it is the same to a host.
func trimmed(path string) string {
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return path
}
