package content

import (
	"bytes"
	"fmt"
	"sync"
	"tinycdn/zones/diag"

	"github.com/yuin/goldmark/ast"
)

// plainBlocks are the blocks of code that have no colours because finding them was given up. Each is told once, however
// many pages, lists and feeds show it.
type plainBlocks struct {
	mu   sync.Mutex
	told map[diag.Problem]bool
	news []diag.Problem // not taken yet
}

// writtenIn is the key of the source in the meta data of what was parsed of it.
const writtenIn = "source"

// mostTold is how many blocks are remembered: an author who mends and mends shall not fill the memory.
const mostTold = 10_000

func (p *plainBlocks) add(block *ast.FencedCodeBlock, text []byte, language string, err error) {
	s, ok := block.OwnerDocument().Meta()[writtenIn].(*source)
	if !ok {
		return
	}
	problem := diag.Problem{File: s.path, Line: s.lineOfBlock(block, text), Text: fmt.Sprintf(
		"this %s code has no colours: %v", language, err)}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.told[problem] {
		return
	}
	if p.told == nil || len(p.told) >= mostTold {
		p.told = map[diag.Problem]bool{}
	}
	p.told[problem] = true
	p.news = append(p.news, problem)
}

// take gives what was not given yet.
func (p *plainBlocks) take() []diag.Problem {
	p.mu.Lock()
	defer p.mu.Unlock()
	news := p.news
	p.news = nil
	return news
}

// lineOfBlock is the line of a block of code, which stands in the text of the page or in the summary of its front matter.
func (s *source) lineOfBlock(block *ast.FencedCodeBlock, text []byte) int {
	if len(text) > 0 && len(s.text) > 0 && &text[0] != &s.text[0] {
		return s.Line("summary")
	}
	at := 0
	switch lines := block.Lines(); {
	case block.Info != nil:
		at = block.Info.Segment.Start
	case lines.Len() > 0:
		at = lines.At(0).Start
	}
	return s.line + bytes.Count(text[:at], []byte("\n"))
}
