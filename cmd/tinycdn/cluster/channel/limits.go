package channel

import (
	"net"
	"net/http"
	"sync"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

const (
	maxRequests = 16       // of one key at a time
	maxConns    = 32       // of one key: as many as its requests, and those that have just ended
	maxHeader   = 64 << 10 // of a request or an answer, in octets
)

// shares counts what each key has of something.
type shares struct {
	most int
	mu   sync.Mutex
	of   map[roster.Key]int
}

// take gives a key one more, unless it has all that it may have.
func (s *shares) take(key roster.Key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[key] >= s.most {
		return false
	}
	if s.of == nil {
		s.of = map[roster.Key]int{}
	}
	s.of[key]++
	return true
}

func (s *shares) giveBack(key roster.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[key]--; s.of[key] == 0 {
		delete(s.of, key)
	}
}

// bounded answers so many requests of a key at a time, and refuses more.
func bounded(h http.Handler) http.Handler {
	requests := &shares{most: maxRequests}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := Caller(r.Context())
		if !requests.take(key) {
			http.Error(w, "16 requests of this key are under way: no more at a time", http.StatusTooManyRequests)
			return
		}
		defer requests.giveBack(key)
		h.ServeHTTP(w, r)
	})
}

// alive notices within half a minute that the other side of a connection is gone: a laptop that was closed, a line that was cut.
var alive = net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 4}

func keepAlive(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetKeepAliveConfig(alive)
	}
}
