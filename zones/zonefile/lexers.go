package zonefile

import "sync"

// lexers are those that are done, for the next file: of thousands of small ones, each would make and leave more than it has.
var lexers = sync.Pool{New: func() any { return new(lexer) }}

// takeLexer gives a lexer, to be released.
func takeLexer() *lexer { return lexers.Get().(*lexer) }

func (l *lexer) release() {
	if l.src = nil; cap(l.text) <= largestRead && cap(l.words) <= largestRead/8 {
		lexers.Put(l)
	}
}
