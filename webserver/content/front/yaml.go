package front

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"

	"tinycdn/zones/diag"
)

// Aliases of aliases make gigabytes of a hundred bytes, and what lies within each other takes stack. Front matter that
// people write comes nowhere near these bounds.
const (
	longestYAML = 128 << 10 // in bytes
	mostValues  = 20_000    // with all that aliases stand for
	deepestYAML = 50        // lists and tables within each other
)

var errMuchYAML = fmt.Errorf("this YAML has more than %d values, with all that its aliases stand for, or more than %d within each other",
	mostValues, deepestYAML)

// yamlError is how the YAML library says where a mistake is.
var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// yamlTable reads a table of YAML.
func yamlTable(path string, data []byte) (list []Entry, problem *diag.Problem) {
	fail := func(line int, text string) ([]Entry, *diag.Problem) {
		return nil, &diag.Problem{File: path, Line: line, Text: text}
	}
	if len(data) > longestYAML {
		return fail(1, fmt.Sprintf("front matter may have %d kB", longestYAML>>10))
	}
	var doc yaml.Node
	if err := unmarshal(data, &doc); err != nil {
		parts := yamlError.FindStringSubmatch(oneLine(err.Error()))
		if parts == nil {
			return fail(1, oneLine(err.Error()))
		}
		line, _ := strconv.Atoi(parts[1])
		return fail(min(max(line, 1), 1+lines(data)), "YAML: "+parts[2]+" (a text with a colon or a # in it stands in quotes; indent with spaces)")
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return fail(root.Line, "want keys and values in the front matter (title: …)")
	}
	left := yamlBudget(mostValues)
	for i := 0; i+1 < len(root.Content); i += 2 {
		key := root.Content[i]
		if key.Kind != yaml.ScalarNode {
			return fail(key.Line, "a key must be a text")
		}
		value, err := left.value(root.Content[i+1], deepestYAML)
		if err != nil {
			return fail(key.Line, err.Error())
		}
		if key.Tag == "!!merge" {
			return fail(key.Line, "<< is not read here: write the keys themselves")
		}
		list = append(list, Entry{key.Value, key.Line, value, yamlLines(root.Content[i+1])})
	}
	return list, nil
}

// yamlLines are the lines of the keys of a table.
func yamlLines(n *yaml.Node) map[string]int {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		lines[n.Content[i].Value] = n.Content[i].Line
	}
	return lines
}

// unmarshal reads YAML. Whatever odd bytes bring out in the library is a mistake in the file.
func unmarshal(data []byte, doc *yaml.Node) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("this YAML cannot be read: %v", fault)
		}
	}()
	return yaml.Unmarshal(data, doc)
}

// yamlBudget is how many more values may come.
type yamlBudget int

func (b *yamlBudget) value(n *yaml.Node, depth int) (any, error) {
	if *b--; *b < 0 || depth == 0 {
		return nil, errMuchYAML
	}
	switch n.Kind {
	case yaml.AliasNode:
		return b.value(n.Alias, depth-1)
	case yaml.SequenceNode:
		list := []any{}
		for _, element := range n.Content {
			v, err := b.value(element, depth-1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		return b.table(n, depth)
	}
	return scalar(n), nil
}

func (b *yamlBudget) table(n *yaml.Node, depth int) (any, error) {
	table, merged := map[string]any{}, map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			return nil, errors.New("a key must be a text")
		}
		v, err := b.value(n.Content[i+1], depth-1)
		if err != nil {
			return nil, err
		}
		if more, ok := v.(map[string]any); ok && key.Tag == "!!merge" {
			merged = more
			continue
		}
		table[key.Value] = v
	}
	for name, v := range merged {
		if _, said := table[name]; !said {
			table[name] = v
		}
	}
	return table, nil
}

// scalar is a value by the rules of YAML. What is not what its tag says is a text.
func scalar(n *yaml.Node) any {
	var v any
	if n.Decode(&v) != nil {
		return n.Value
	}
	switch v := v.(type) {
	case int:
		return int64(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return n.Value
		}
	case uint64:
		return n.Value
	}
	return v
}
