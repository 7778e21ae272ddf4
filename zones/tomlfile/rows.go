package tomlfile

import (
	"hash/maphash"
	"reflect"
)

// Rows is a table of which there may be a hundred thousand values: where the text is plain enough, each is read when it is asked for, and
// a place and a line is all that is kept of it.
type Rows struct {
	table *Node // with the values that were read already: all, or none
	text  string
	rows  []row

	seed  maphash.Seed
	known []uint32 // a hash table over rows: their number, and one; its length is a power of two
}

type row struct{ at, line uint32 }

func newRows(table *Node, text string) *Rows {
	return &Rows{table: table, text: text, seed: maphash.MakeSeed(), known: make([]uint32, 16)}
}

// add notes a row. It says no if there is one with that key.
func (r *Rows) add(key string, at, line int) bool {
	if 2*len(r.rows) >= len(r.known) {
		old := r.rows
		r.rows, r.known = r.rows[:0], make([]uint32, 4*len(r.known))
		for _, row := range old {
			r.insert(r.key(row), row)
		}
	}
	return r.insert(key, row{uint32(at), uint32(line)})
}

func (r *Rows) insert(key string, is row) bool {
	mask := uint64(len(r.known) - 1)
	i := maphash.String(r.seed, key)
	for ; r.known[i&mask] != 0; i++ {
		if r.key(r.rows[r.known[i&mask]-1]) == key {
			return false
		}
	}
	r.rows = append(r.rows, is)
	r.known[i&mask] = uint32(len(r.rows))
	return true
}

func (r *Rows) key(of row) string {
	p := plain{text: r.text, at: int(of.at)}
	key, _ := p.key()
	return key
}

// Node is what is said of the table as a whole: its line, and whether it is one.
func (r *Rows) Node() *Node { return r.table }

// Len is how many rows there are.
func (r *Rows) Len() int { return len(r.table.Keys) + len(r.rows) }

// All gives the keys in the order of the file, with their values, which are good until the next one comes.
func (r *Rows) All(yield func(key string, value *Node) bool) {
	for _, key := range r.table.Keys {
		if !yield(key, r.table.Table[key]) {
			return
		}
	}
	p := plain{text: r.text}
	for _, row := range r.rows {
		p.at, p.line = int(row.at), int(row.line)
		p.made.reuse()
		key, value := p.row()
		if !yield(key, value) {
			return
		}
	}
}

// row reads a pair that has been read before.
func (p *plain) row() (key string, value *Node) {
	value = p.made.node(p.line)
	key, _ = p.key()
	p.space()
	p.take('=')
	p.value(value, 0)
	return key, value
}

// rowsKey is the key of the field of v that wants rows.
func rowsKey(v any) string {
	for _, field := range reflect.VisibleFields(reflect.TypeOf(v).Elem()) {
		if field.Type == rowsType {
			return field.Tag.Get("toml")
		}
	}
	return ""
}

// nodes are those that were made, to be used again.
type nodes struct {
	list   []*Node
	used   int
	tables []map[string]*Node
	filled int
}

// reuse takes all back.
func (m *nodes) reuse() { m.used, m.filled = 0, 0 }

func (m *nodes) node(line int) *Node {
	if m.used == len(m.list) {
		m.list = append(m.list, &Node{})
	}
	n := m.list[m.used]
	m.used++
	*n = Node{Line: line, List: n.List[:0], Keys: n.Keys[:0]}
	return n
}

func (m *nodes) table() map[string]*Node {
	if m.filled == len(m.tables) {
		m.tables = append(m.tables, map[string]*Node{})
	}
	table := m.tables[m.filled]
	m.filled++
	clear(table)
	return table
}
