package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"tinycdn/cmd/tinycdn/cluster/channel"
	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Orders is what a host has to do with certificates, of which one POP orders those of all. A bundle is all that there is to know for
// that, keys too: only POPs get it.
type Orders struct {
	Version func() (have Version, ok bool)                // of the bundle that is here; not ok: nobody here asks for any
	Bundle  func() []byte                                 // JSON
	Take    func(bundle []byte)                           // of another POP
	Show    func(by string, n uint64, list []Proof) error // what another POP has to prove; with each change n rises
	Token   func(token string) string                     // what is answered for one of an order of this POP; "": it is none

	List func() ([]byte, error)                                   // how it stands with each, JSON; nil: there are none
	Do   func(ctx context.Context, o CertsOrder, by string) error // something about them, that somebody asks for
}

// Version tells which of two bundles is newer.
type Version struct {
	Term    uint64 `json:"term"`
	Counter uint64 `json:"counter"`
}

func (v Version) less(other Version) bool {
	return v.Term < other.Term || v.Term == other.Term && v.Counter < other.Counter
}

// OrdersReport is how it stands with certificates.
type OrdersReport struct {
	Bundle   Version `json:"bundle"`
	Orderer  string  `json:"orderer"`            // who orders, as this POP has it
	Ordering string  `json:"ordering,omitempty"` // which one this POP orders just now
	Failing  string  `json:"failing,omitempty"`  // why there is no new one, in the authority's words
}

// maxBundle in octets: a hundred certificates of a hundred names each.
const maxBundle = 4 << 20

var errBundle = fmt.Errorf("it is larger than %d MB, which is room for a thousand certificates of a few names each", maxBundle>>20)

// SayAtOnce has the others hear at once what there is to report.
func (m *Member) SayAtOnce() {
	select {
	case m.urgent <- struct{}{}:
	default:
	}
}

// followBundles gets what others know of certificates and is newer than what is here, until ctx ends.
func (m *Member) followBundles(ctx context.Context) {
	told := map[string]bool{}
	for {
		select {
		case <-m.bundles:
		case <-ctx.Done():
			return
		}
		for _, pop := range m.others() {
			err := m.takeBundle(ctx, pop) // what fails is tried again when it says so again, in a few seconds
			if errors.Is(err, errBundle) && !told[pop.Name] {
				told[pop.Name] = true
				m.log.Error("what another POP knows of certificates is not taken over", "pop", pop.Name, "error", err, "effect", "this POP shows none that are new")
			}
		}
	}
}

// takeBundle gets what another POP knows of certificates, if that is newer.
func (m *Member) takeBundle(ctx context.Context, pop roster.POP) error {
	have, ok := m.ownBundle()
	m.mu.Lock()
	h := m.rows[pop.Name]
	isNewer := ok && h != nil && h.Report.Orders != nil && have.less(h.Report.Orders.Bundle)
	m.mu.Unlock()
	if !isNewer {
		return nil
	}
	ctx, done := context.WithTimeout(ctx, roundTime)
	defer done()
	stream, err := m.client(pop).Stream(ctx, "/v1/acme", encode(have))
	if err != nil {
		return err
	}
	defer stream.Close()
	text, err := io.ReadAll(io.LimitReader(stream, maxBundle+1))
	if err != nil || len(text) == 0 {
		return err
	}
	if len(text) > maxBundle {
		return errBundle
	}
	m.host.Orders.Take(text)
	return nil
}

func (m *Member) ownBundle() (have Version, ok bool) {
	if m.host.Orders.Version == nil {
		return have, false
	}
	return m.host.Orders.Version()
}

// Newer says whether another POP that is heard knows more of certificates than this one.
func (m *Member) Newer(fresh func(Said) bool) bool {
	have, _ := m.ownBundle()
	for _, said := range m.Said() {
		if o := said.Report.Orders; o != nil && have.less(o.Bundle) && fresh(said) {
			return true
		}
	}
	return false
}

// serveBundle gives what is known of certificates, if it is newer than what whoever asks has.
func (m *Member) serveBundle(w http.ResponseWriter, r *http.Request) error {
	theirs, err := question[Version](r)
	if err != nil {
		return err
	}
	if have, ok := m.ownBundle(); ok && theirs.less(have) {
		_, err = io.Copy(w, bytes.NewReader(m.host.Orders.Bundle()))
	}
	return err
}

// serveToken says what is to be answered for a token of an order of this POP.
func (m *Member) serveToken(w http.ResponseWriter, r *http.Request) error {
	token, err := question[string](r)
	if err != nil {
		return err
	}
	text := ""
	if m.host.Orders.Token != nil {
		text = m.host.Orders.Token(token)
	}
	return answer(w, text)
}

// AskToken asks the other POPs what is to be answered for a token; "": none of them says.
func (m *Member) AskToken(ctx context.Context, token string) (found string) {
	ctx, done := context.WithCancel(ctx)
	defer done()
	var mu sync.Mutex
	var work sync.WaitGroup
	for _, pop := range m.others() {
		work.Go(func() {
			var text string
			if m.client(pop).Call(ctx, "/v1/token", token, &text) != nil || text == "" {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			found = text
			done() // nobody waits for the rest
		})
	}
	work.Wait()
	return found
}

// serveProofs shows what another POP has to prove.
func (m *Member) serveProofs(w http.ResponseWriter, r *http.Request) error {
	p, err := question[proofs](r)
	if err != nil || m.host.Orders.Show == nil {
		return err
	}
	return m.host.Orders.Show(m.nameOf(channel.Caller(r.Context())), p.Number, p.List)
}
