package h2

import (
	"net/http"
	"sync/atomic"
	"time"

	"tinycdn/webserver/page"
)

// clock packs the time once a second, as Date has it (RFC 9110, 6.6.1). Its zero value is ready.
type clock struct{ last atomic.Pointer[second] }

type second struct {
	unix  int64
	block []byte
}

func (c *clock) date(now time.Time) []byte {
	last := c.last.Load()
	if last == nil || last.unix != now.Unix() {
		field := page.FieldValues{Name: "Date", Values: []string{now.UTC().Format(http.TimeFormat)}}
		last = &second{now.Unix(), pack([]page.FieldValues{field})}
		c.last.Store(last)
	}
	return last.block
}
