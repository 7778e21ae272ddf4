package tomlfile

import (
	"strings"
)

// maxDepth bounds how deep lists and tables may nest: the TOML library recurses, and a stack that overflows ends the process.
const maxDepth = 32

// scanner finds the line of every key and list element. The TOML library judges the syntax;
// the scanner takes whatever that accepts, and stops where it can make nothing of the text.
type scanner struct {
	text    string
	at      int
	line    int
	depth   int
	tooDeep bool

	// No key is written twice, in parts or as an array of tables: what is right in each piece is right as a whole.
	apart bool
	size  int // of a piece
	cuts  []cut
}

func newScanner(text string, size int) *scanner {
	return &scanner{text: strings.TrimPrefix(text, "\ufeff"), line: 1, apart: true, size: size}
}

// scan returns the tree of places. deep is the line where nesting passes maxDepth, else 0.
func (s *scanner) scan() (root *Node, deep int) {
	root = &Node{Line: 1, Table: make(map[string]*Node)}
	table, header, last, ended := root, "\n", 0, 0 // the library takes a byte order mark at the beginning, and there alone
	for {
		s.skipBlank()
		if s.at == len(s.text) {
			return root, 0
		}
		ok, start := true, s.at
		s.apart = s.apart && s.line > ended
		isHeader := s.text[s.at] == '['
		if isHeader {
			table, ok = s.header(root)
			header = s.text[start:s.at] + "\n"
		} else {
			ok = s.pair(table)
		}
		if start-last >= s.size {
			c := cut{at: start}
			if !isHeader {
				c.header = header
			}
			s.cuts = append(s.cuts, c)
			last = start
		}
		ended = s.line
		if s.tooDeep {
			return root, s.line
		}
		if !ok {
			s.apart = false
			return root, 0
		}
	}
}

// header reads [a.b] or [[a.b]] and returns the table that the following lines fill.
func (s *scanner) header(root *Node) (*Node, bool) {
	line := s.line
	s.at++
	array := s.take('[')
	keys, ok := s.keys()
	if !ok || len(keys) > maxDepth {
		s.tooDeep = ok
		return root, false
	}
	if !s.take(']') || array && !s.take(']') {
		return root, false
	}
	table := root
	for _, key := range keys[:len(keys)-1] {
		table = table.child(key, line).newest()
		s.apart = s.apart && !table.isPair
	}
	_, known := table.Table[keys[len(keys)-1]]
	table = table.child(keys[len(keys)-1], line)
	s.apart = s.apart && !array && !known
	if array {
		table.isList = true
		table.List = append(table.List, &Node{Line: line})
		return table.newest(), true
	}
	if known {
		table.Line = line // named on the way to a deeper table; this is its own header
	}
	return table, true
}

// newest is the table that a header reaches through n: of an array of tables, the last.
func (n *Node) newest() *Node {
	if len(n.List) > 0 {
		return n.List[len(n.List)-1]
	}
	return n
}

// pair reads key = value into table.
func (s *scanner) pair(table *Node) bool {
	line := s.line
	keys, ok := s.keys()
	if !ok || len(keys) > maxDepth {
		s.tooDeep = ok
		return false
	}
	if !s.take('=') {
		return false
	}
	for i, key := range keys {
		_, known := table.Table[key]
		s.apart = s.apart && !known && (i == 0 || s.depth > 0)
		table = table.child(key, line)
	}
	table.isPair = true
	return s.value(table)
}

func (s *scanner) value(n *Node) bool {
	s.skipSpace()
	if s.at == len(s.text) {
		return false
	}
	switch c := s.text[s.at]; c {
	case '"', '\'':
		_, ok := s.quoted()
		return ok
	case '[', '{':
		s.depth++
		defer func() { s.depth-- }()
		if s.depth > maxDepth {
			s.tooDeep = true
			return false
		}
		s.at++
		if c == '[' {
			return s.list(n)
		}
		return s.inline(n)
	}
	end := strings.IndexAny(s.text[s.at:], ",]}#\n")
	if end < 0 {
		end = len(s.text) - s.at
	}
	s.at += end
	return end > 0
}

func (s *scanner) list(n *Node) bool {
	n.isList = true
	for {
		s.skipBlank()
		if s.take(']') {
			return true
		}
		element := &Node{Line: s.line}
		if !s.value(element) {
			return false
		}
		n.List = append(n.List, element)
		s.skipBlank()
		if !s.take(',') {
			return s.take(']')
		}
	}
}

func (s *scanner) inline(n *Node) bool {
	for {
		s.skipBlank()
		if s.take('}') {
			return true
		}
		if !s.pair(n) {
			return false
		}
		s.skipBlank()
		if !s.take(',') {
			return s.take('}')
		}
	}
}

// keys reads a.b."c d".
func (s *scanner) keys() (keys []string, ok bool) {
	for {
		s.skipSpace()
		if s.at == len(s.text) {
			return nil, false
		}
		var key string
		if c := s.text[s.at]; c == '"' || c == '\'' {
			if key, ok = s.quoted(); !ok {
				return nil, false
			}
		} else {
			end := strings.IndexAny(s.text[s.at:], " \t\r\n.=]#,{}[\"'")
			if end <= 0 {
				return nil, false
			}
			key = s.text[s.at : s.at+end]
			s.at += end
		}
		keys = append(keys, key)
		s.skipSpace()
		if !s.take('.') {
			return keys, true
		}
	}
}

func (s *scanner) take(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) skipSpace() {
	for s.at < len(s.text) && strings.IndexByte(" \t\r", s.text[s.at]) >= 0 {
		s.at++
	}
}

// skipBlank passes over white space, line ends and comments.
func (s *scanner) skipBlank() {
	for ; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case ' ', '\t', '\r':
		case '\n':
			s.line++
		case '#':
			end := strings.IndexByte(s.text[s.at:], '\n')
			if end < 0 {
				s.at = len(s.text)
				return
			}
			s.at += end - 1
		default:
			return
		}
	}
}
