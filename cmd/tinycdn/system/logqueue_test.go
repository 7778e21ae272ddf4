package system

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// reader is whoever reads a log: it may pause, and its disk may be full.
type reader struct {
	pause sync.Mutex // held: it reads nothing
	room  int        // bytes that the disk still takes
	got   bytes.Buffer
}

func (r *reader) Write(p []byte) (int, error) {
	r.pause.Lock()
	defer r.pause.Unlock()
	n := min(len(p), r.room)
	r.got.Write(p[:n])
	r.room -= n
	if n < len(p) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

func TestALogThatNobodyReadsKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		r := &reader{room: 1 << 30}
		q := NewLogQueue(r)
		log := q.Logger(format)
		r.pause.Lock()
		const lines = 20000
		for i := range lines {
			log.Info("a line", "number", i, "filler", strings.Repeat("x", 100))
		}
		begin := time.Now()
		q.Flush(time.Millisecond)
		if waited := time.Since(begin); waited > 10*time.Second {
			t.Errorf("waited %v for a reader that reads nothing", waited)
		}
		r.pause.Unlock()
		q.Flush(time.Minute)
		log.Info("the last line")
		q.Flush(time.Minute)
		got := strings.Split(strings.TrimSpace(r.got.String()), "\n")
		written, lost := 0, 0
		for _, line := range got {
			if strings.Contains(line, "a line") {
				written++
			} else if told := lostLines.FindStringSubmatch(line); told != nil { // twice, if whoever writes began when there was no room
				n, _ := strconv.Atoi(told[1])
				lost += n
			}
		}
		if written < 5000 || written >= lines {
			t.Errorf("%s: %d lines written", format, written)
		}
		last := got[len(got)-2:]
		if written+lost != lines || !lostLines.MatchString(last[0]) || !strings.Contains(last[1], "the last line") {
			t.Errorf("%s: %d of %d lines written, %d told as lost, and at the end\n%s", format, written, lines, lost, strings.Join(last, "\n"))
		}
	}
}

// lostLines tells of lines that were lost, as text or as JSON.
var lostLines = regexp.MustCompile(`lines of this log were lost.*lines"?[=:](\d+)`)

func TestAFullDiskCostsLinesThatAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &reader{room: 100}
		q := NewLogQueue(r)
		for i := range 5 {
			fmt.Fprintf(q, "line %d %s\n", i, strings.Repeat("x", 50))
		}
		synctest.Wait()
		r.room = 1000
		fmt.Fprintf(q, "line 5\n")
		synctest.Wait()
		got := strings.Split(r.got.String(), "\n")
		if len(got) != 5 || got[0][:6] != "line 0" || got[1][:6] != "line 1" || !strings.Contains(got[2], "lines=4") || got[3] != "line 5" {
			t.Errorf("got %q", got)
		}
	})
}
