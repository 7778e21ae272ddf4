package markdown

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// longest is the length of code in bytes beyond which nobody reads colours, and finding them takes a while.
	longest = 64 << 10
	// timeout is how long finding colours may take. It is the last resort, for what neither ends nor comes to a token: a
	// bound of time holds at one POP and not at another, and their pages would differ. So no machine may reach it with
	// honest code: the longest that there may be takes well under a second, of the worst language (Fish) ten.
	timeout = 30 * time.Second
	// mostAbandoned is how many goroutines may be left to themselves, in code that never comes back.
	mostAbandoned = 4
	// mostSlow is how many blocks are remembered for having taken too long.
	mostSlow = 1000
)

// highlighter marks the words of code, with lexers that are not ours: it bounds what they do.
type highlighter struct {
	timeout   time.Duration
	abandoned atomic.Int32 // goroutines that were given up and have not ended

	mu   sync.Mutex
	slow map[blockKey]bool // blocks that took too long: nobody waits for them again
}

// blockKey tells blocks of code apart.
type blockKey [sha256.Size]byte

func newHighlighter() *highlighter {
	return &highlighter{timeout: timeout, slow: map[blockKey]bool{}}
}

var (
	errTooLong = errors.New("finding them takes too long")
	errTooMany = errors.New("finding them does not end")
)

// highlight gives code in HTML with its words marked; nil: the language has no words to mark. An error says why there are no
// colours where there should be.
func (h *highlighter) highlight(language string, code []byte) ([]byte, error) {
	if language == "" || language == "text" || len(code) > longest {
		return nil, nil
	}
	lexer := boundedLexers().Get(language)
	if lexer == nil {
		return nil, nil
	}
	key := blockKey(sha256.Sum256(append([]byte(language+"\x00"), code...)))
	if h.isSlow(key) || h.abandoned.Load() >= mostAbandoned {
		return nil, errTooLong
	}
	return h.attempt(key, func(late *atomic.Bool) ([]byte, error) { return markWith(lexer, string(code), late) })
}

func (h *highlighter) isSlow(key blockKey) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.slow[key]
}

// attempt does work that may panic, or never end. Then it is left to itself, and told by late that nobody waits.
func (h *highlighter) attempt(key blockKey, work func(late *atomic.Bool) ([]byte, error)) ([]byte, error) {
	type outcome struct {
		marked []byte
		err    error
	}
	done := make(chan outcome, 1)
	var late atomic.Bool
	go func() {
		defer func() {
			if fault := recover(); fault != nil {
				err, ok := fault.(error)
				if !ok || !errors.Is(err, errTooMany) {
					err = fmt.Errorf("finding them fails: %v", fault)
				}
				done <- outcome{nil, err}
			}
		}()
		marked, err := work(&late)
		done <- outcome{marked, err}
	}()
	timer := time.NewTimer(h.timeout)
	defer timer.Stop()
	select {
	case o := <-done:
		return o.marked, o.err
	case <-timer.C:
	}
	late.Store(true)
	h.abandoned.Add(1)
	go func() {
		<-done
		h.abandoned.Add(-1)
	}()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.slow) >= mostSlow {
		clear(h.slow)
	}
	h.slow[key] = true
	return nil, errTooLong
}
