// Package tomlfile reads TOML into Go values and says, of every mistake, where it stands.
package tomlfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"tinycdn/zones/diag"

	"github.com/BurntSushi/toml"
)

// MaxSize bounds a TOML file: it is read whole, and takes several times its size while it is decoded.
const MaxSize = 16 << 20

// Document is a decoded file, to ask where its keys stand.
type Document struct {
	Path string
	Root *Node
}

// Mistake is one in a document, and the keys that lead to the value it is about.
type Mistake struct {
	diag.Problem
	Keys []string
}

// Decode decodes data, which was read from path, into the struct that v points to.
// It goes on after a mistake, so that all of them are told at once; what is right is decoded.
// Unknown keys are mistakes.
//
// Fields take their key from the tag `toml:"key"`, those of embedded structs too; `was:"name"` says how a key was called once.
// They may be strings, booleans, numbers, slices, arrays, structs, pointers, maps with string keys, time.Duration ("30s"),
// netip.Prefix (an address too), encoding.TextUnmarshaler, toml.Unmarshaler, or *Node to be looked at later. A list of strings,
// networks or nodes may be written as one string.
//
// A struct with a field `toml:",text"` may be written as a string, which that field then holds; one with a field `toml:",switch"`
// as true or false.
//
// What a pointer leads to, and the structs of the next kind, begin as their method SetDefaults leaves them, if they have one.
// A table may become a slice in the order of the file, of structs with a field `toml:",key"`. Where they have a field `toml:",value"`, it is what stands behind the key.
func Decode(path string, data []byte, v any) (*Document, []Mistake) {
	doc, problem := Parse(path, data)
	if problem != nil {
		return doc, []Mistake{{Problem: *problem}}
	}
	return doc, doc.Decode(v)
}

// DecodeRows is Decode for a text that is long, and mostly one table: what a field *Rows at the top is for.
func DecodeRows(path, text string, v any) (*Document, []Mistake) {
	if len(text) <= MaxSize {
		if root, ok := parsePlain(text, rowsKey(v)); ok {
			doc := &Document{path, root}
			return doc, doc.Decode(v)
		}
	}
	return Decode(path, []byte(text), v)
}

// Parse reads the syntax alone.
func Parse(path string, data []byte) (*Document, *diag.Problem) {
	doc := &Document{Path: path, Root: &Node{Line: 1}}
	if len(data) > MaxSize {
		return doc, &diag.Problem{File: path, Text: fmt.Sprintf("is larger than %d MB", MaxSize>>20)}
	}
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		return doc, &diag.Problem{File: path, Line: 1, Text: "begins with a byte order mark (some editors call it UTF-8 with BOM): save it as UTF-8 without one"}
	}
	s := newScanner(string(data), pieceSize)
	root, deep := s.scan()
	if deep > 0 {
		return doc, &diag.Problem{File: path, Line: deep, Text: fmt.Sprintf("nested more than %d deep", maxDepth)}
	}
	if err := s.fill(root, string(data)); err != nil {
		return doc, syntaxProblem(path, string(data), err)
	}
	doc.Root = root
	return doc, nil
}

func syntaxProblem(path, text string, err error) *diag.Problem {
	var parse toml.ParseError
	if !errors.As(err, &parse) {
		return &diag.Problem{File: path, Text: strings.TrimPrefix(err.Error(), "toml: ")}
	}
	what := parse.Message
	if parse.LastKey != "" {
		what += fmt.Sprintf(" (after key %s)", parse.LastKey)
	}
	if strings.Contains(parse.Message, `'\`) && !strings.Contains(parse.Message, `'\n'`) { // that is a line end
		what += `: in "..." TOML takes \ for itself (put the text in '...', or write \\ for each \)`
	}
	// Where a line ends too early, the library's own line number is sometimes that of the next. Its offset may be -1.
	line := 1 + strings.Count(text[:min(max(parse.Position.Start, 0), len(text))], "\n")
	return &diag.Problem{File: path, Line: line, Text: oneLine(what)}
}

// oneLine keeps a message that quotes the file from breaking the log's line.
func oneLine(text string) string {
	return strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(text)
}

// Line is where the value at the keys stands, or else the nearest table or list around it.
// A number is a key too: the index in a list.
func (d *Document) Line(keys ...string) int {
	_, line := d.find(keys)
	return line
}

// Node is the value at the keys, or nil.
func (d *Document) Node(keys ...string) *Node {
	node, _ := d.find(keys)
	return node
}

// Problem makes a problem about the value at the keys. The text begins with them, without places in lists: the line says those.
func (d *Document) Problem(keys []string, format string, args ...any) diag.Problem {
	text := fmt.Sprintf(format, args...)
	var names []string
	for i, key := range keys {
		if node := d.Node(keys[:i]...); node == nil || node.IsTable() {
			names = append(names, key)
		}
	}
	if len(names) > 0 {
		text = KeyName(names) + ": " + text
	}
	return diag.Problem{File: d.Path, Line: d.Line(keys...), Text: text}
}

func (d *Document) find(keys []string) (node *Node, line int) {
	node, line = d.Root, d.Root.Line
	for _, key := range keys {
		next := node.below(key)
		if next == nil {
			return nil, line
		}
		node, line = next, next.Line
	}
	return node, line
}

// KeyName writes keys as TOML does: pops.nyc, networks."203.0.113.0/24".
func KeyName(keys []string) string { return toml.Key(keys).String() }
