package acme

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Status says how it stands with a certificate.
type Status struct {
	Name      string    `json:"name"`
	Names     []string  `json:"names"`
	Authority string    `json:"authority"` // of the one that there is, else of who is asked first
	Method    string    `json:"method,omitempty"`
	Account   string    `json:"account,omitempty"` // its URL, with that authority
	Issuer    string    `json:"issuer,omitempty"`  // what CAA records call that
	Until     time.Time `json:"until,omitzero"`    // zero: there is none
	Renewal   time.Time `json:"renewal,omitzero"`  // when the next is ordered; zero: at once
	Why       string    `json:"why,omitempty"`     // there is no new one, in the authority's words
	Ordering  bool      `json:"ordering,omitempty"`
	Low       bool      `json:"low,omitempty"`
	CAA       string    `json:"caa,omitempty"`   // to paste: that this authority alone may issue, and this account
	Paste     []string  `json:"paste,omitempty"` // of DNS-PERSIST-01, for zones that are elsewhere
}

// List says how it stands with all that are wanted.
func (m *Manager) List() (all []Status) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, w := range m.wanted {
		c, now := m.certificate(w.Name), m.Now()
		directories := m.config.directories()
		directory := directories[0]
		if c.leaf != nil {
			directory = c.Directory
		}
		s := Status{Name: w.Name, Names: w.Names, Authority: nameOf(directory), Method: c.Method, Ordering: m.busy == w.Name, Low: c.low(now)}
		if c.leaf != nil {
			s.Until = c.leaf.NotAfter
		}
		if c.Failures > 0 {
			s.Why = c.Why
		}
		if s.Renewal = c.due(w.Names, directories, now); s.Renewal.Before(now) {
			s.Renewal = time.Time{}
		}
		if a := m.bundle.Accounts[directory]; a != nil {
			s.Account = a.URL
		}
		s.Issuer = issuerOf(directory)
		s.CAA, s.Paste = s.caa(), m.toPaste(w)
		all = append(all, s)
	}
	return all
}

// caa is a CAA record that lets this account alone order (RFC 8657).
func (s *Status) caa() string {
	if s.Issuer == "" || s.Account == "" {
		return ""
	}
	text := s.Issuer + "; accounturi=" + s.Account
	if s.Method != "" {
		text += "; validationmethods=" + s.Method
	}
	return fmt.Sprintf("CAA 0 issue %q", text)
}

// named are the names of certificates that are wanted, those that are given or all.
func (m *Manager) named(names []string) ([]string, error) {
	var all []string
	for _, w := range m.wanted {
		all = append(all, w.Name)
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return nil, fmt.Errorf("there is no certificate %q (there is: %s)", name, strings.Join(all, ", "))
		}
	}
	if len(names) == 0 {
		return all, nil
	}
	return names, nil
}

// Renew has certificates ordered at once; without names all. What failed before is tried again.
func (m *Manager) Renew(names []string) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	names, err := m.named(names)
	if err != nil {
		return err
	}
	for _, name := range names {
		m.askAgain(name)
	}
	m.Wake()
	return nil
}

// askAgain has a certificate ordered at once. The lock is held.
func (m *Manager) askAgain(name string) {
	next := *m.certificate(name)
	next.Asked, next.Failures, next.Next = true, 0, time.Time{}
	m.keep(name, &next)
}

// Rekey gives each account that there is another key, and then has all certificates ordered anew, which have new keys in any case.
func (m *Manager) Rekey(ctx context.Context) error {
	m.lock.Lock()
	var accounts []Account
	for _, a := range m.bundle.Accounts {
		if a.URL != "" {
			accounts = append(accounts, *a)
		}
	}
	m.lock.Unlock()
	var faults []error
	for _, a := range accounts {
		if err := m.rekey(ctx, a); err != nil {
			faults = append(faults, fmt.Errorf("%s: the account keeps its key: %s", nameOf(a.Directory), words(err)))
		}
	}
	return errors.Join(append(faults, m.Renew(nil))...)
}

func (m *Manager) rekey(ctx context.Context, a Account) error {
	select {
	case m.accounts <- struct{}{}:
		defer func() { <-m.accounts }()
	default:
		return errors.New("a certificate is being ordered: try it again in a minute")
	}
	m.lock.Lock()
	client, err := m.client(a.Directory)
	m.lock.Unlock()
	if err == nil {
		err = client.rekey(ctx, &a)
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	if err == nil {
		m.putAccount(&a, client)
	}
	return err
}

// Reasons are why a certificate may be revoked (RFC 5280, 5.3.1), as far as its owner can say so.
var Reasons = map[string]int{"unspecified": 0, "key-compromise": 1, "superseded": 4, "cessation": 5}

// Revoke has the authority revoke a certificate, and another one ordered. Until that is here it is still shown.
func (m *Manager) Revoke(ctx context.Context, name, reason string) error {
	code, known := Reasons[reason]
	m.lock.Lock()
	_, err := m.named([]string{name})
	c := *m.certificate(name)
	var a Account
	if have := m.bundle.Accounts[c.Directory]; have != nil {
		a = *have
	}
	switch {
	case err != nil:
	case !known:
		err = fmt.Errorf("%q is no reason to revoke a certificate", reason)
	case c.leaf == nil || a.URL == "":
		err = fmt.Errorf("there is no certificate %q yet", name)
	}
	var client authority
	if err == nil {
		client, err = m.client(c.Directory)
	}
	m.lock.Unlock()
	if err != nil {
		return err
	}
	if err := client.revoke(ctx, &a, &c, code); err != nil {
		return fmt.Errorf("%s: %s", nameOf(c.Directory), words(err))
	}
	m.Log.Warn("a certificate is revoked", "certificate", name, "authority", nameOf(c.Directory), "reason", reason, "effect", "another one is ordered")
	return m.Renew([]string{name})
}
