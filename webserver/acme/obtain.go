package acme

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// obtain orders a certificate, and notes what comes of it.
func (m *Manager) obtain(ctx context.Context, config *Config, w Wanted, directory string) {
	select {
	case m.accounts <- struct{}{}:
		defer func() { <-m.accounts }()
	case <-ctx.Done():
		return
	}
	m.lock.Lock()
	c := *m.certificate(w.Name)
	var account Account
	if a := m.bundle.Accounts[directory]; a != nil {
		account = *a
	}
	account.Directory = directory
	client, err := m.client(directory)
	m.busy = w.Name
	m.lock.Unlock()
	m.tellOrdering(w.Name)
	begin := m.Now()
	c.Names = w.Names
	if err == nil {
		err = m.keepable(&c, w.Name, directory)
	}
	if err == nil && account.Key == "" {
		err = m.beginAccount(&account, client)
	}
	var got *Certificate
	if err == nil {
		got, err = m.order(ctx, client, &account, config, &c, directory)
	}
	if ctx.Err() != nil && err != nil {
		err = nil // we end: that is nobody's failure
		got = nil
	}
	m.settle(w, &account, client, config, &c, got, err, begin)
	m.tellOrdering("")
	if got != nil {
		m.Serve()
	}
}

// beginAccount makes an account's key, and keeps it before the authority knows it: who goes on after us has the same account.
func (m *Manager) beginAccount(a *Account, client authority) (err error) {
	if _, a.Key, err = newKey(); err != nil {
		return err
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	first := *a
	m.keepAccount(&first, client)
	return nil
}

func (m *Manager) tellOrdering(name string) {
	if m.Ordering != nil {
		m.Ordering(name)
	}
}

// settle notes what came of an order: a certificate, or an error, or nothing, because we end.
func (m *Manager) settle(w Wanted, account *Account, client authority, config *Config, c, got *Certificate, err error, begin time.Time) {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.busy = ""
	directory := account.Directory
	if account.Key != "" && client != nil { // it is nil where there are no roots
		m.keepAccount(account, client)
	}
	switch {
	case got != nil:
		by := cmp.Or(got.Method, "what is known still")
		if got.Method == "" && c.Directory == directory {
			got.Method = c.Method // the authority remembers what was proved for the last one
		}
		m.keep(w.Name, got)
		m.Log.Info("a certificate is here", "certificate", w.Name, "authority", nameOf(directory), "names", len(w.Names), "until", day(got.leaf.NotAfter),
			"by", by, "after", m.Now().Sub(begin).Round(time.Millisecond))
		delete(m.told, w.Name)
	case err != nil:
		now := *m.certificate(w.Name)
		if now.Chain != c.Chain {
			return // another one's order has succeeded meanwhile
		}
		now.Names, now.At, c = c.Names, c.At, &now // somebody may have asked for one meanwhile
		c.fail(nameOf(directory)+": "+words(err), m.Now())
		if a := m.bundle.Accounts[directory]; a.isBusy(m.Now()) && len(config.directories()) == 1 {
			c.Next = slices.MaxFunc([]time.Time{c.Next, a.Busy}, time.Time.Compare)
		}
		m.keep(w.Name, c)
		m.Log.Warn(c.Why, "certificate", w.Name, "failures", c.Failures, "next", when(c.Next), "effect", effect(c, m.Now()))
	}
}

// order is one try. What it gives is whole, and for the names.
func (m *Manager) order(ctx context.Context, client authority, account *Account, config *Config, c *Certificate, directory string) (*Certificate, error) {
	key, text, err := newKey()
	if err != nil {
		return nil, err
	}
	o := &order{names: c.Names, key: key, config: config, solver: &m.solver, now: m.Now}
	o.keep = func(a *Account) {
		known := *a
		m.lock.Lock()
		defer m.lock.Unlock()
		m.keepAccount(&known, client)
	}
	if c.Directory == directory {
		o.replaces = c.leaf
	}
	got := &Certificate{Names: c.Names, Directory: directory, Key: text, At: c.At}
	if got.Chain, got.Method, err = client.obtain(ctx, account, o); err != nil {
		return nil, err
	}
	if err := judge(got, c.Names, m.Now()); err != nil {
		return nil, err
	}
	return got, nil
}

// effect says what it costs that there is no new certificate.
func effect(c *Certificate, now time.Time) string {
	if c.leaf == nil || !now.Before(c.leaf.NotAfter) {
		return "there is no HTTPS for its names"
	}
	return "the one that there is holds until " + day(c.leaf.NotAfter)
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

// askWindow asks when to renew, if it is time for that.
func (m *Manager) askWindow(ctx context.Context, name string) {
	m.lock.Lock()
	c := m.certificate(name)
	if !c.toAsk(m.Now()) {
		m.lock.Unlock()
		return
	}
	leaf := c.leaf
	client, err := m.client(c.Directory)
	m.lock.Unlock()
	var start, end, ask time.Time
	var page string
	if err == nil {
		within, done := context.WithTimeout(ctx, requestTime)
		start, end, ask, page, err = client.window(within, leaf)
		done()
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	if c = m.certificate(name); c.leaf != leaf || ctx.Err() != nil {
		return
	}
	next := *c
	if err != nil { // what was known holds
		next.Window.Ask = m.Now().Add(hour)
	} else {
		next.Window.see(start, end, ask, page, m.random(), m.Now())
	}
	if next.Window.Start.Equal(c.Window.Start) && next.Window.End.Equal(c.Window.End) { // who goes on elsewhere asks for himself
		m.bundle.Certificates[name] = &next
		return
	}
	if !c.Window.Start.IsZero() {
		m.Log.Info("the authority wants the certificate renewed at another time", "certificate", name, "from", day(start), "to", day(end), "see", page)
	}
	m.keep(name, &next)
}

// tellLow tells once a day of a certificate that should have been renewed long ago.
func (m *Manager) tellLow(name string) {
	m.lock.Lock()
	defer m.lock.Unlock()
	c, now := m.certificate(name), m.Now()
	if !c.low(now) || now.Sub(m.told[name]) < 24*time.Hour {
		return
	}
	m.told[name] = now
	m.Log.Error("less than a quarter of the certificate's life is left, and there is no new one: "+cmp.Or(c.Why, "nobody has said why"),
		"certificate", name, "until", day(c.leaf.NotAfter), "next", when(c.Next), "effect", effect(c, now))
}
