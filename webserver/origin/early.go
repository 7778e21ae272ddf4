package origin

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"sync"

	"tinycdn/webserver/cache"
)

// early passes on what an application says before its answer, such as 103 Early Hints (RFC 9110, 15.2; RFC 8297), to the
// visitor who asked first, as long as he waits for the answer. Nil, it passes nothing on.
type early struct {
	mu sync.Mutex
	to http.ResponseWriter // by mu; nil: nobody waits any more
}

// earlyTo is for a request whose answer is not there yet.
func earlyTo(w http.ResponseWriter, r *http.Request) *early {
	if w == nil || !r.ProtoAtLeast(1, 1) { // RFC 9110, 15.2: 1.0 knows no such answers
		return nil
	}
	return &early{to: w}
}

// trace lets whoever asks the application in this context tell e.
func (e *early) trace(ctx context.Context) context.Context {
	if e == nil {
		return ctx
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{Got1xxResponse: e.pass})
}

func (e *early) pass(status int, said textproto.MIMEHeader) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.to == nil || status == http.StatusContinue { // that concerns us alone
		return nil
	}
	header := e.to.Header() // empty still
	cache.RemoveHopByHop(http.Header(said))
	for name, values := range said {
		header[name] = values
	}
	e.to.WriteHeader(status)
	clear(header)
	return nil
}

// end is called before the answer is sent.
func (e *early) end() {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.to = nil
}
