package zonefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

const (
	// maxEntry is the most octets in the words of one entry: the largest RDATA written as \DDD, and some.
	maxEntry = 300_000
	// maxWords bounds the words of one entry, which may be empty ("").
	maxWords = 70_000
	// maxLine is the most octets of a line, with its comment: what has none for so long is no zone file.
	maxLine = 1 << 20

	// How much is read at once: little, as most files are small, and then more.
	firstRead, largestRead = 4 << 10, 64 << 10
)

// word is a piece of an entry between white space.
type word struct {
	start, end int  // in lexer.text, escapes as written, without the quotes of a quoted word
	quoted     bool // such a word is text, never a name, type or number
}

// lexer splits a master file into entries: the words of a line, or of several lines joined by ( ).
// A line end inside ( ) is white space like any other (RFC 1035, 5.1).
type lexer struct {
	src     io.Reader
	buf     []byte
	at, end int // what is left of buf
	now     int // the line being read
	run     int // octets read since a line end, about
	readErr error

	// The entry at hand.
	line     int  // of its first word
	indented bool // it begins with white space: its owner is the last one
	text     []byte
	words    []word
}

// Octets by what they mean outside of quotes. All others make up words.
const (
	plain = iota
	space
	lineEnd
	comment
	open
	closed
	quote
	escape
)

var meaning = [256]uint8{
	' ': space, '\t': space, '\r': space, '\n': lineEnd, ';': comment, '(': open, ')': closed, '"': quote, '\\': escape,
}

func (l *lexer) reset(src io.Reader) {
	if l.buf == nil {
		l.buf = make([]byte, firstRead)
	}
	l.src, l.at, l.end, l.now, l.run, l.readErr = src, 0, 0, 1, 0, nil
}

// more makes sure that there is an octet to look at; it reports false at the end of the file.
func (l *lexer) more() bool {
	for l.at == l.end {
		if l.readErr != nil {
			return false
		}
		if l.end == len(l.buf) && l.end < largestRead {
			l.buf = make([]byte, 4*l.end) // there is more of this file than of most
		}
		l.at = 0
		l.end, l.readErr = l.src.Read(l.buf)
		if l.run += l.end; l.run > maxLine {
			l.boundLine()
		}
	}
	return true
}

// boundLine ends reading where a line is too long.
func (l *lexer) boundLine() {
	read := l.buf[:l.end]
	if last := bytes.LastIndexByte(read, '\n'); last >= 0 {
		l.run = len(read) - last
	} else {
		l.end, l.readErr = 0, errLongLine
	}
}

var errLongLine = fmt.Errorf("the line is longer than %d kB: this is no zone file", maxLine>>10)

// failed is why reading ended, or nil at the end of the file.
func (l *lexer) failed() error {
	if l.readErr == io.EOF {
		return nil
	}
	return l.readErr
}

// next reads the next entry that has words. It reports false at the end of the file.
// After an error, of the entry on l.line, it can be called again.
func (l *lexer) next() (bool, error) {
	for l.more() {
		l.text, l.words = l.text[:0], l.words[:0]
		l.line = l.now
		l.indented = meaning[l.buf[l.at]] == space
		err := l.entry()
		if l.failed() != nil {
			return false, nil // what is there of the entry is not all of it
		}
		if err != nil {
			return true, err
		}
		if len(l.words) > 0 {
			return true, nil
		}
	}
	return false, nil
}

// entry reads up to the line end that is outside of ( ).
func (l *lexer) entry() error {
	depth := 0
	for l.more() {
		c := l.buf[l.at]
		switch meaning[c] {
		case space:
			l.at++
			continue
		case comment:
			l.skipLine()
			continue
		case lineEnd:
			l.at++
			l.now++
			if depth == 0 {
				return nil
			}
			continue
		case open:
			l.at++
			depth++
			continue
		case closed:
			l.at++
			if depth--; depth < 0 {
				l.skipEntry(0)
				return errors.New("a ) without its (")
			}
			continue
		}
		if len(l.words) == 0 {
			l.line = l.now
		}
		if err := l.word(); err != nil {
			l.skipEntry(depth)
			return err
		}
		if len(l.text) > maxEntry || len(l.words) > maxWords {
			l.skipEntry(depth)
			if depth > 0 {
				return errors.New("the entry is too long: is its ) missing?")
			}
			return errors.New("the entry is too long")
		}
	}
	if depth > 0 {
		return errors.New("the file ends inside ( ): is a ) missing?")
	}
	return nil
}

// word reads a word. A quoted part inside of one (alpn="h2,h3") belongs to it, quotes and all.
func (l *lexer) word() error {
	w := word{start: len(l.text)}
	if l.buf[l.at] == '"' {
		l.at++
		w.quoted = true
		if err := l.untilQuote(); err != nil {
			return err
		}
	} else if err := l.unquoted(); err != nil {
		return err
	}
	w.end = len(l.text)
	l.words = append(l.words, w)
	return nil
}

func (l *lexer) unquoted() error {
	for l.more() {
		if len(l.text) > maxEntry {
			return nil // refused by the caller
		}
		l.takePlain()
		if l.at == l.end {
			continue
		}
		switch meaning[l.buf[l.at]] {
		case escape:
			if err := l.takeEscape(); err != nil {
				return err
			}
		case quote:
			l.at++
			l.text = append(l.text, '"')
			if err := l.untilQuote(); err != nil {
				return err
			}
			l.text = append(l.text, '"')
			return nil
		default:
			return nil
		}
	}
	return nil
}

// takePlain copies octets without a meaning of their own, as far as the buffer has them.
func (l *lexer) takePlain() {
	from := l.at
	for l.at < l.end && meaning[l.buf[l.at]] == plain {
		l.at++
	}
	l.text = append(l.text, l.buf[from:l.at]...)
}

// takeEscape copies \X as it stands; whoever uses the word decodes it.
func (l *lexer) takeEscape() error {
	l.at++
	if !l.more() || l.buf[l.at] == '\n' || l.buf[l.at] == '\r' {
		return errors.New(`a \ at the end of the line`)
	}
	l.text = append(l.text, '\\', l.buf[l.at])
	l.at++
	return nil
}

// untilQuote copies what is quoted and passes over the closing quote.
func (l *lexer) untilQuote() error {
	for l.more() {
		switch c := l.buf[l.at]; c {
		case '"':
			l.at++
			return nil
		case '\n':
			return fmt.Errorf("a quote is not closed on line %d", l.now)
		case '\\':
			if err := l.takeEscape(); err != nil {
				return err
			}
		default:
			l.text = append(l.text, c)
			l.at++
		}
		if len(l.text) > maxEntry {
			return errors.New("the entry is too long")
		}
	}
	return errors.New("a quote is not closed")
}

// skipLine passes over the rest of the line, but not over its end.
func (l *lexer) skipLine() {
	for ; l.more(); l.at++ {
		if l.buf[l.at] == '\n' {
			return
		}
	}
}

// skipEntry passes over the line on which an entry went wrong, and if that was inside of ( ) over the lines
// that look like its rest: one mistake is then told once.
func (l *lexer) skipEntry(depth int) {
	for {
		l.skipLine()
		if !l.more() {
			return
		}
		l.at++
		l.now++
		if depth == 0 || !l.more() || meaning[l.buf[l.at]] != space && l.buf[l.at] != ')' {
			return
		}
	}
}
