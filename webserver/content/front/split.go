package front

import (
	"bytes"
	"regexp"
)

// Block is front matter as it stands in a file, in one of two languages. The zero value is none.
type Block struct {
	data []byte // with an empty line for each line above, so that its lines are those of the file
	yaml bool
}

var (
	// asYAML is how a table of YAML begins: with a key, in quotes or not.
	asYAML = regexp.MustCompile(`^(?:[\pL\pN_.-]+|"[^"\n]*"|'[^'\n]*')\s*:(?:\s|$)|^[{%?]`)
	asTOML = regexp.MustCompile(`^(?:[\w.-]+\s*=|\[[\w.]+\]\s*$)`)
	asJSON = regexp.MustCompile(`^\{\s*(?:"[^"\n]*"\s*:|\}\s*$)`)
)

// Split parts a file into front matter and the text below. line is the number of the line that the text begins on, or
// that the mistake is on.
func Split(data []byte) (matter Block, text []byte, line int, mistake string) {
	start := bytes.TrimPrefix(data, []byte("\ufeff"))
	head := bytes.TrimLeft(start, " \t\r\n") // Zola and Hugo read front matter below empty lines too
	above := bytes.Count(start[:len(start)-len(head)], []byte("\n"))
	first, below, _ := bytes.Cut(head, []byte("\n"))
	fence := string(bytes.TrimRight(first, " \t\r"))
	switch {
	case fence == "---" && !hasKeys(below):
		return Block{}, start, 1, "" // a line across the page
	case fence == "---" && asTOML.Match(firstLine(below)):
		return Block{}, nil, above + 2, "this is TOML, which stands between two lines of +++ (or write YAML: title: …)"
	case fence == "+++" || fence == "---":
	case asJSON.Match(head):
		return Block{}, nil, above + 1, "JSON front matter is not read: write it as TOML between two lines of +++ (title = \"…\"), or as YAML between two of --- (title: …)"
	default:
		return Block{}, start, 1, ""
	}
	line = above + 2
	for at := below; len(at) > 0; line++ {
		content, after, _ := bytes.Cut(at, []byte("\n"))
		if end := string(bytes.TrimRight(content, " \t\r")); end == fence || fence == "---" && end == "..." {
			inside := below[:len(below)-len(at)]
			return Block{append(bytes.Repeat([]byte("\n"), above+1), inside...), fence == "---"}, after, line + 1, ""
		}
		at = after
	}
	return Block{}, nil, above + 1, "the front matter that begins with " + fence + " has no " + fence + " below it"
}

// hasKeys says whether what stands below a line of --- is front matter and not text: it has keys, or ends at once.
func hasKeys(below []byte) bool {
	line := firstLine(below)
	ends := bytes.Equal(line, []byte("---")) || bytes.Equal(line, []byte("..."))
	if !ends && !asYAML.Match(line) && !asTOML.Match(line) {
		return false
	}
	// A line across the page may well have an empty one below it, and nothing to end it.
	next, _, _ := bytes.Cut(below, []byte("\n"))
	return len(bytes.TrimSpace(next)) > 0 || bytes.Contains(below, []byte("\n---")) || bytes.Contains(below, []byte("\n..."))
}

// firstLine is the first line that is neither empty nor a comment.
func firstLine(text []byte) []byte {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimRight(line, " \t\r\n"); len(line) > 0 && line[0] != '#' {
			return line
		}
	}
	return nil
}
