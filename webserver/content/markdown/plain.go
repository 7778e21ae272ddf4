package markdown

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/yuin/goldmark/ast"

	"tinycdn/zones/diag"
)

// plainBlocks are the blocks of code that have no colours because finding them was given up. Each is told once, however
// many pages, lists and feeds show it.
type plainBlocks struct {
	mu       sync.Mutex
	reported map[diag.Problem]bool
	news     []diag.Problem // not taken yet
}

// writtenIn is the key of the Text in the meta data of what was parsed of it.
const writtenIn = "source"

// mostTold is how many blocks are remembered: an author who mends and mends shall not fill the memory.
const mostTold = 10_000

func (p *plainBlocks) add(block *ast.FencedCodeBlock, language string, err error) {
	text, ok := block.OwnerDocument().Meta()[writtenIn].(Text)
	if !ok {
		return
	}
	problem := diag.Problem{File: text.File, Line: text.lineOf(block), Text: fmt.Sprintf(
		"this %s code has no colours: %v", language, err)}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reported[problem] {
		return
	}
	if p.reported == nil || len(p.reported) >= mostTold {
		p.reported = map[diag.Problem]bool{}
	}
	p.reported[problem] = true
	p.news = append(p.news, problem)
}

// Notes tell of blocks of code that have no colours and were not told yet.
func (r *Renderer) Notes() []diag.Problem {
	p := r.code.plainBlocks
	p.mu.Lock()
	defer p.mu.Unlock()
	news := p.news
	p.news = nil
	return news
}

// lineOf is the line of a block of code.
func (t Text) lineOf(block *ast.FencedCodeBlock) int {
	if t.InTOML {
		return t.Line
	}
	at := 0
	switch lines := block.Lines(); {
	case block.Info != nil:
		at = block.Info.Segment.Start
	case lines.Len() > 0:
		at = lines.At(0).Start
	}
	return t.Line + bytes.Count(t.Markdown[:at], []byte("\n"))
}
