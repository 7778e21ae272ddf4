package tomlfile

import "fmt"

// Node is a value of a document and the line it stands on: a scalar, a list or a table.
type Node struct {
	Line  int
	Value any              // string, int64, float64, bool or time.Time; nil for a list or a table
	List  []*Node          // the elements, for a list
	Table map[string]*Node // the values, for a table
	Keys  []string         // the keys of Table in the order of the file

	isList bool // an empty list is no table
	isPair bool // it stands behind a =, where no header can add to it

	rows *Rows // the values, for a table of which they are read one at a time; nil: they are in Table
}

// IsTable reports whether the node holds keys and values.
func (n *Node) IsTable() bool { return n.Table != nil }

// Kind names what the node is, for a sentence: "a string", "a table".
func (n *Node) Kind() string {
	switch n.Value.(type) {
	case string:
		return "a string"
	case int64:
		return "a whole number"
	case float64:
		return "a number"
	case bool:
		return "true or false"
	case nil:
		if n.isList {
			return "a list"
		}
		return "a table"
	}
	return "a date"
}

// Strings gives the texts of a string or of a list of strings.
// Each comes as its node, so that a mistake in it has its own line.
func (n *Node) Strings() ([]*Node, error) {
	if _, ok := n.Value.(string); ok {
		return []*Node{n}, nil
	}
	if !n.isList {
		return nil, fmt.Errorf("want a string or a list of strings, not %s", n.Kind())
	}
	for _, element := range n.List {
		if _, ok := element.Value.(string); !ok {
			return nil, fmt.Errorf("want a list of strings, but %s is in it", element.Kind())
		}
	}
	return n.List, nil
}

// Text is the node's string, or "" if it is none.
func (n *Node) Text() string {
	text, _ := n.Value.(string)
	return text
}

// child finds or makes the value of key in a table.
func (n *Node) child(key string, line int) *Node {
	if found := n.Table[key]; found != nil {
		return found
	}
	made := &Node{Line: line}
	if n.Table == nil {
		n.Table = make(map[string]*Node)
	}
	n.Table[key] = made
	n.Keys = append(n.Keys, key)
	return made
}

// plain is the node as the TOML library gives it: a value, a list or a map.
func (n *Node) plain() any {
	switch {
	case n.IsTable():
		table := make(map[string]any, len(n.Table))
		for key, value := range n.Table {
			table[key] = value.plain()
		}
		return table
	case n.isList:
		list := make([]any, len(n.List))
		for i, value := range n.List {
			list[i] = value.plain()
		}
		return list
	}
	return n.Value
}

// fill puts the values of the TOML library into the places our scanner found for them.
func (n *Node) fill(value any) {
	switch value := value.(type) {
	case map[string]any:
		if n.Table == nil {
			n.Table = make(map[string]*Node)
		}
		for key, v := range value {
			n.child(key, n.Line).fill(v)
		}
	case []any:
		n.isList = true
		for i, v := range value {
			n.element(i).fill(v)
		}
	case []map[string]any:
		n.isList = true
		for i, v := range value {
			n.element(i).fill(v)
		}
	default:
		n.Value = value
	}
}

func (n *Node) element(i int) *Node {
	for len(n.List) <= i {
		n.List = append(n.List, &Node{Line: n.Line})
	}
	return n.List[i]
}
