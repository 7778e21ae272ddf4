package tomlfile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// FuzzPlainReadsWhatTheLibraryReads judges our own reader by the library and the scanner: what it takes they take, with the same values on
// the same lines, rows or not.
func FuzzPlainReadsWhatTheLibraryReads(f *testing.F) {
	for _, seed := range []string{
		"", "a = 1", "a = 1\r\n[rows] # x\n'b' = { A = \"x\\\"y\", ttl = 60 }\nc = { NS = ['a', # one\n\"b\",] }", "[rows]\na = 1\na = 2", "[rows]\n\"a\" = 1\na = 2",
		"[rows]\na.b = 1", "[rows.a]\nb = 1", "a = 01", "a = [1, 2.5]", "a = {b = 1, b = 2}", "a = {\nb = 1,\n\n}", "a = 1\n[a]", "[a]\n[a]", "a = [[],{}]", "a = truely",
		"a = \"\"\nb = ''", "a = '''x'''", "a = \"\"\"x\"\"\"", "a = \"\\u0041\"", "a = 'x' b = 1", "[[rows]]\na = 1", "a = [1 2]", "a = [,]", "a = {,}", "rows = { a = 1 }",
		"a = 999999999999999999", "a = 1_000", "a = -1", "\"\" = 1", "a\t=\t'ü\ufffd'", "[ rows ]\n1 = 1979-05-27\n", "a = [\n1\n,\n2]", "a = [[[[[[[[[[1]]]]]]]]]]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root, ok := parsePlain(text, "rows")
		if !ok {
			return
		}
		values, err := decode(text)
		if err != nil {
			t.Fatalf("we take what the library does not: %v", err)
		}
		want, _ := newScanner(text, pieceSize).scan()
		want.fill(values)
		if rows := root.Table["rows"]; rows != nil && rows.rows != nil {
			whole := &Node{Line: rows.Line, Table: map[string]*Node{}}
			rows.rows.All(func(key string, value *Node) bool {
				whole.Keys = append(whole.Keys, key)
				whole.Table[key] = clone(value)
				return true
			})
			root.Table["rows"] = whole
		}
		if got, want := dump(root), dump(want); got != want {
			t.Fatalf("we found\n%s, the library\n%s", got, want)
		}
	})
}

// clone is a node that stays when the next row comes.
func clone(n *Node) *Node {
	c := *n
	c.List, c.Keys = nil, slices.Clone(n.Keys)
	for _, element := range n.List {
		c.List = append(c.List, clone(element))
	}
	if c.Table = nil; n.Table != nil {
		c.Table = map[string]*Node{}
	}
	for key, value := range n.Table {
		c.Table[key] = clone(value)
	}
	return &c
}

// dump writes a tree with its lines.
func dump(n *Node) string {
	text := fmt.Sprintf("%d: %s %#v", n.Line, n.Kind(), n.Value)
	for _, element := range n.List {
		text += "\n" + dump(element)
	}
	for _, key := range n.Keys {
		text += fmt.Sprintf("\n%q ", key) + dump(n.Table[key])
	}
	return "(" + text + ")"
}

// What zones are mostly written in is read without the library; else a hundred thousand records would take ten times the memory.
func TestWhatZonesAreWrittenInIsPlain(t *testing.T) {
	t.Parallel()
	const begin = "origin = \"example.org\"\nttl = { default = 300, MX = \"1h\" }\r\n[soa]\nserial = 1 # one\n[records]\n\"@\" = { NS = ['a', \"b\"] }\n"
	for text, want := range map[string]bool{
		"":                              true,
		"www = { A = \"1\", ttl = 60 }": true,
		"www = { TXT = \"a \\\"b\\\"\", where = true }\n": true,
		"www = {\n\tA = [\n\t\t\"1\", # one\n\t],\n}":     true,
		"www.A = \"1\"":             false,
		"[records.www]\nA = \"1\"":  false,
		"www = { A = \"1\" ":        false,
		"'@' = { A = \"1\" }":       false,
		"www = { A = \"\\u0031\" }": false,
	} {
		var z struct {
			Origin  string `toml:"origin"`
			TTL     *Node  `toml:"ttl"`
			SOA     *Node  `toml:"soa"`
			Records *Rows  `toml:"records"`
		}
		_, got := parsePlain(begin+text, rowsKey(&z))
		if got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

// Rows are the same whether each is read when it is asked for, or all are read as a whole.
func TestRowsAreTheSameOneByOneAndAsAWhole(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("[records]\n")
	for i := range 1000 {
		fmt.Fprintf(&text, "h%d = { A = \"192.0.2.%d\", MX = ['10 a', '20 b'] }\n", i, i%256)
	}
	read := func(text string) (all string, n int) {
		var z struct {
			Records *Rows `toml:"records"`
		}
		if _, mistakes := DecodeRows("x", text, &z); len(mistakes) > 0 {
			t.Fatal(mistakes)
		}
		z.Records.All(func(key string, value *Node) bool {
			all += key + dump(value) + "\n"
			return true
		})
		return all, z.Records.Len()
	}
	byRows, n := read(text.String())
	whole, m := read(text.String() + "x.A = \"192.0.2.1\"\n")
	if n != 1000 || m != 1001 || !strings.HasPrefix(whole, byRows) || byRows == "" {
		t.Errorf("got %d and %d rows, %t", n, m, strings.HasPrefix(whole, byRows))
	}
	_, mistakes := DecodeRows("x", text.String()+"h5 = { A = \"192.0.2.1\" }\n", &struct {
		Records *Rows `toml:"records"`
	}{})
	if want := "x:1002: Key 'records.h5.A' has already been defined."; len(mistakes) != 1 || !strings.HasPrefix(mistakes[0].String(), want) {
		t.Errorf("got %v, want %s", mistakes, want)
	}
}
