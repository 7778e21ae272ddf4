package webserver

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// listenLater listens once no other process reads from the socket any more; nil: it is to end.
func (q *quicListener) listenLater() (*quic.Listener, error) {
	if after := q.site.config.QUICAfter; after != nil {
		select {
		case <-after:
		case <-q.stopping.Done():
		}
	}
	return q.listen()
}

// keep notes a connection, for as long as it lasts.
func (q *quicListener) keep(conn *quic.Conn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.conns[conn] = true
	context.AfterFunc(conn.Context(), func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.conns, conn)
	})
}

// leave waits for a moment in which nobody begins or waits for an answer, or until ctx ends, and then closes all connections at
// once: their clients come again, to the other process. Until then those who come are taken: there is no way to leave them to it
// unread.
func (q *quicListener) leave(ctx context.Context) {
	for q.busy.Load() > 0 && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(time.Millisecond):
		}
	}
	q.mu.Lock()
	conns := slices.Collect(maps.Keys(q.conns))
	q.mu.Unlock()
	for _, conn := range conns {
		conn.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "")
	}
	q.close()
}
