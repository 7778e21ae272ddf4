package h1

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clock writes the time once a second, as Date has it (RFC 9110, 6.6.1). Its zero value is ready.
type clock struct{ last atomic.Pointer[second] }

type second struct {
	unix int64
	text string // with the line's end
}

func (c *clock) date(now time.Time) string {
	last := c.last.Load()
	if last == nil || last.unix != now.Unix() {
		last = &second{now.Unix(), now.UTC().Format(http.TimeFormat) + "\r\n"}
		c.last.Store(last)
	}
	return last.text
}
