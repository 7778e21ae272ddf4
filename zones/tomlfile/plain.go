package tomlfile

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// plain reads the part of TOML that nearly all zones are written in, at a fraction of what the library takes: keys in one part, tables
// with a name in one part, strings on one line, whole numbers, booleans, lists and inline tables. It takes nothing that the library
// does not take the same way; at anything else it gives up, and the library reads the whole, or says what is wrong.
type plain struct {
	text string
	at   int
	line int
	made nodes
	keys []string // of the inline tables at hand
}

const (
	plainDepth = 8  // of lists and inline tables
	plainKeys  = 64 // of inline tables at hand: each is held against all others
)

// isPlain says whether the characters are all in the part of TOML.
func isPlain(text string) bool {
	for i := range len(text) {
		c := text[i]
		if c < ' ' && c != '\t' && c != '\n' && (c != '\r' || i+1 == len(text) || text[i+1] != '\n') || c == 0x7f {
			return false
		}
	}
	return utf8.ValidString(text)
}

// parsePlain is the tree of a document, in which the table with that name is left as rows.
func parsePlain(text, rows string) (root *Node, ok bool) {
	if !isPlain(text) {
		return nil, false
	}
	p := &plain{text: text, line: 1}
	root = &Node{Line: 1, Table: map[string]*Node{}}
	table := root
	for {
		p.blank()
		if p.at == len(text) {
			return root, true
		}
		start, line := p.at, p.line
		if text[p.at] == '[' {
			p.at++
			if table, ok = p.header(root); !ok {
				return nil, false
			}
			if name := root.Keys[len(root.Keys)-1]; name == rows {
				table.rows = newRows(table, text)
			}
		} else if key, ok := p.key(); !ok || !p.pair(table, key, start, line) {
			return nil, false
		}
		if !p.lineEnd() {
			return nil, false
		}
	}
}

// header reads the rest of [name].
func (p *plain) header(root *Node) (*Node, bool) {
	line := p.line
	p.space()
	key, ok := p.key()
	if !ok || root.Table[key] != nil {
		return nil, false
	}
	p.space()
	table := root.child(key, line)
	table.Table = map[string]*Node{}
	return table, p.take(']')
}

// pair reads what stands behind a key at the beginning of a line.
func (p *plain) pair(table *Node, key string, start, line int) bool {
	if p.space(); !p.take('=') {
		return false
	}
	if table.rows != nil {
		return table.rows.add(key, start, line) && p.value(nil, 0)
	}
	if table.Table[key] != nil {
		return false
	}
	p.made = nodes{} // these stay
	return p.value(table.child(key, line), 0)
}

// value reads a value into n; nil: to see whether it is one.
func (p *plain) value(n *Node, depth int) bool {
	p.space()
	if p.at == len(p.text) || depth > plainDepth {
		return false
	}
	switch c := p.text[p.at]; {
	case c == '"' || c == '\'':
		text, ok := p.quoted(true)
		if ok && n != nil {
			n.Value = text
		}
		return ok
	case c == '[':
		p.at++
		return p.list(n, depth)
	case c == '{':
		p.at++
		return p.inline(n, depth)
	case '0' <= c && c <= '9':
		return p.number(n)
	}
	for _, word := range [...]string{"true", "false"} {
		if strings.HasPrefix(p.text[p.at:], word) {
			p.at += len(word)
			if n != nil {
				n.Value = word == "true"
			}
			return true
		}
	}
	return false
}

// number reads a whole number. What stands behind it is no part of one, or nothing that may stand there.
func (p *plain) number(n *Node) bool {
	from := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	text := p.text[from:p.at]
	if len(text) > 18 || text[0] == '0' && len(text) > 1 {
		return false
	}
	if n != nil {
		value, _ := strconv.ParseInt(text, 10, 64)
		n.Value = value
	}
	return true
}

func (p *plain) list(n *Node, depth int) bool {
	if n != nil {
		n.isList = true
	}
	for {
		if p.blank(); p.take(']') {
			return true
		}
		var element *Node
		if n != nil {
			element = p.made.node(p.line)
			n.List = append(n.List, element)
		}
		if !p.value(element, depth+1) {
			return false
		}
		if p.blank(); !p.take(',') {
			return p.take(']')
		}
	}
}

func (p *plain) inline(n *Node, depth int) bool {
	if n != nil {
		n.Table = p.made.table()
	}
	known := len(p.keys)
	defer func() { p.keys = p.keys[:known] }()
	for {
		if p.blank(); p.take('}') {
			return true
		}
		line := p.line
		key, ok := p.key()
		if !ok || len(p.keys) == plainKeys {
			return false
		}
		for _, k := range p.keys[known:] {
			if k == key {
				return false
			}
		}
		p.keys = append(p.keys, key)
		if p.space(); !p.take('=') {
			return false
		}
		var below *Node
		if n != nil {
			below = p.made.node(line)
			n.Table[key] = below
			n.Keys = append(n.Keys, key)
		}
		if !p.value(below, depth+1) {
			return false
		}
		if p.blank(); !p.take(',') {
			return p.take('}')
		}
	}
}

// key reads a key in one part.
func (p *plain) key() (string, bool) {
	if p.at < len(p.text) && (p.text[p.at] == '"' || p.text[p.at] == '\'') {
		key, ok := p.quoted(false)
		return key, ok && key != ""
	}
	from := p.at
	for p.at < len(p.text) && isBare[p.text[p.at]] {
		p.at++
	}
	return p.text[from:p.at], p.at > from
}

var isBare = func() (is [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-" {
		is[c] = true
	}
	return is
}()

// quoted reads a string on one line, with escapes of one letter if it may have any.
func (p *plain) quoted(escapes bool) (text string, ok bool) {
	quote, from, escaped := p.text[p.at], p.at+1, false
	for i := from; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\n' || c == '\r':
			return "", false
		case c == '\\' && quote == '"':
			if i++; !escapes || i == len(p.text) || strings.IndexByte(`"\bfnrt`, p.text[i]) < 0 {
				return "", false
			}
			escaped = true
		case c == quote:
			p.at = i + 1
			if i == from && p.at < len(p.text) && p.text[p.at] == quote {
				return "", false // three quotes, and perhaps several lines
			}
			if text = p.text[from:i]; escaped {
				text = unescape(text)
			}
			return text, true
		}
	}
	return "", false
}

func (p *plain) take(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// space passes over white space. A carriage return stands at the end of a line.
func (p *plain) space() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t' || p.text[p.at] == '\r') {
		p.at++
	}
}

// blank passes over white space, line ends and comments.
func (p *plain) blank() {
	for {
		if p.space(); p.at < len(p.text) && p.text[p.at] == '#' {
			p.comment()
		}
		if !p.take('\n') {
			return
		}
		p.line++
	}
}

// lineEnd passes over the rest of a line, where nothing but a comment may stand.
func (p *plain) lineEnd() bool {
	if p.space(); p.at < len(p.text) && p.text[p.at] == '#' {
		p.comment()
	}
	return p.at == len(p.text) || p.text[p.at] == '\n'
}

func (p *plain) comment() {
	if end := strings.IndexByte(p.text[p.at:], '\n'); end >= 0 {
		p.at += end
	} else {
		p.at = len(p.text)
	}
}
