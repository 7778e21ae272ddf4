package cluster

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
)

// serveNotify has this POP try the webhooks.
func (m *Member) serveNotify(w http.ResponseWriter, r *http.Request) error {
	if m.host.TryWebhooks == nil {
		return answer(w, []struct{}{})
	}
	return answer(w, m.host.TryWebhooks(r.Context()))
}

// TryWebhooks has every POP try the webhooks, and gives what each says of that, and who does not answer.
func (p *Publisher) TryWebhooks(ctx context.Context) (said map[string]json.RawMessage, wrong map[string]error) {
	p.connect()
	ctx, done := context.WithTimeout(ctx, askTime)
	defer done()
	var mu sync.Mutex
	said = map[string]json.RawMessage{}
	wrong = p.each(p.names(), func(name string) error {
		var one json.RawMessage
		err := p.client(name).Call(ctx, "/v1/notify", struct{}{}, &one)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			said[name] = one
		}
		return err
	})
	return said, wrong
}
