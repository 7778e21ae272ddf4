package markdown

import (
	"bytes"
	"iter"
)

// sample has one of everything that Markdown can say.
const sample = "# A *b* **c** `d` [e](/f) ![g](h) &amp; <b>i</b>[^1]\n\n| j | k |\n|---|---|\n| ~~l~~ | m |\n\n- [x] n\n1. o\n\n> p\n\n" +
	"www.example.org\n\n    q\n\n```none\nr\n```\n\n<div>\n\n---\n\n[^1]: s\n"

// Prewarm has the libraries make what they otherwise make at their first use: the tables of Markdown, and for each language
// of code in the texts the rules that it is marked by. That takes some milliseconds, for which the first visitors of
// the pages would wait.
func (r *Renderer) Prewarm(texts iter.Seq[[]byte]) {
	for language := range languages(texts) {
		r.code.highlight(language, []byte("x = 1\n"))
	}
	r.HTML(Text{Markdown: []byte(sample)})
}

// languages are those that code in the texts is said to be in.
func languages(texts iter.Seq[[]byte]) map[string]bool {
	all := map[string]bool{}
	for text := range texts {
		for line := range bytes.Lines(text) {
			line = bytes.TrimLeft(line, " \t>")
			if info := bytes.TrimLeft(line, "`~"); len(line)-len(info) >= 3 {
				all[languageOf(string(bytes.TrimLeft(info, " ")))] = true
			}
		}
	}
	return all
}
