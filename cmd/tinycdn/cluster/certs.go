package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"tinycdn/cmd/tinycdn/cluster/channel"
)

// CertsOrder is what a POP is asked to do about the certificates that are ordered. With nothing to do it is asked how it stands with them.
type CertsOrder struct {
	Do     string   `json:"do"` // "renew", "rekey" or "revoke"
	Names  []string `json:"names,omitempty"`
	Reason string   `json:"reason,omitempty"` // why one is revoked
}

// doCertsTime is how long a POP may take for that: it asks the authorities first, each of which has a minute and a half.
const doCertsTime = 5 * time.Minute

var errNoCerts = errors.New("it orders no certificates (its configuration has no [acme])")

// serveCerts says how it stands with certificates.
func (m *Member) serveCerts(w http.ResponseWriter, _ *http.Request) error {
	if m.host.Orders.List == nil {
		return errNoCerts
	}
	text, err := m.host.Orders.List()
	if err != nil {
		return err
	}
	return answer(w, json.RawMessage(text))
}

// serveDoCerts does something about certificates, for a publisher of everything: whose paths are few has none of this.
func (m *Member) serveDoCerts(w http.ResponseWriter, r *http.Request) error {
	order, err := question[CertsOrder](r)
	if err != nil {
		return err
	}
	caller := channel.Caller(r.Context())
	m.mu.Lock()
	p, isPublisher := m.members.PublisherOf(caller)
	m.mu.Unlock()
	switch {
	case !isPublisher || len(p.Paths) > 0: // nor for a POP: one that was taken over has to leave them alone
		return errors.New("only who may publish everything may do that about certificates")
	case m.host.Orders.Do == nil:
		return errNoCerts
	}
	if err := m.host.Orders.Do(r.Context(), order, p.Name); err != nil {
		return err
	}
	return answer(w, struct{}{})
}

// Certs asks how it stands with certificates, or has something done about them, by way of the POP that orders, or of another one if that
// does not answer. What it gives is what the POP says, if it was only asked.
func (p *Publisher) Certs(ctx context.Context, o CertsOrder) (list json.RawMessage, err error) {
	p.connect()
	path, most := "/v1/certs", askTime
	if o.Do != "" {
		path, most = "/v1/certs/do", doCertsTime
	}
	names, states := p.ordererFirst(ctx)
	err = errors.New("there is no POP")
	for _, name := range names {
		within, done := context.WithTimeout(ctx, most)
		one := p.client(name).Call(within, path, o, &list)
		done()
		if one == nil {
			return list, nil
		}
		err = fmt.Errorf("%s: %w", name, one)
		if refused := (*channel.Refused)(nil); errors.As(one, &refused) || o.Do != "" && states[name].Rows != nil {
			break // as the others would, or it may have been done
		}
	}
	return nil, err
}

// ordererFirst are the POPs, the one first that says that it orders, and those that do not answer last. Who may not ask for the status has
// them as they are in the roster.
func (p *Publisher) ordererFirst(ctx context.Context) (names []string, states map[string]Status) {
	states, _ = p.Status(ctx)
	rank := func(name string) int {
		o := states[name].Rows[name].Report.Orders
		switch {
		case o != nil && o.Orderer == name:
			return 0
		case states[name].Rows != nil:
			return 1
		}
		return 2
	}
	names = p.names()
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	return names, states
}
