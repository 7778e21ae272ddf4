package acme

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mholt/acmez/v3/acme"
)

// obtain walks an order from its beginning to the chain (RFC 8555, 7.1).
func (c *client) obtain(ctx context.Context, a *Account, o *order) (chain, method string, err error) {
	ctx, done := context.WithTimeout(ctx, orderTime)
	defer done()
	account, err := c.account(ctx, a, o.config)
	if err != nil {
		return "", "", err
	}
	placed, err := c.place(ctx, account, o)
	if isProblem(err, acme.ProblemTypeAccountDoesNotExist) { // it has forgotten us
		a.URL = ""
		if account, err = c.account(ctx, a, o.config); err == nil {
			placed, err = c.place(ctx, account, o)
		}
	}
	if err != nil {
		return "", "", err
	}
	if method, err = c.prove(ctx, account, a, placed, o); err != nil {
		return "", method, err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: o.names}, o.key)
	if err != nil {
		return "", method, err
	}
	if placed, err = c.acme.FinalizeOrder(ctx, account, placed, request); err != nil {
		return "", method, err
	}
	chains, err := c.acme.GetCertificateChain(ctx, account, placed.Certificate)
	if err != nil {
		return "", method, err
	}
	if len(chains) == 0 {
		return "", method, errors.New("it gives no chain")
	}
	return string(chains[0].ChainPEM), method, nil
}

// place places the order. That it is instead of another certificate is only said while the authority takes it: renewals that say so
// are beyond its limits (RFC 9773, 5).
func (c *client) place(ctx context.Context, account acme.Account, o *order) (acme.Order, error) {
	wanted := acme.Order{Profile: o.config.Profile}
	for _, name := range o.names {
		wanted.Identifiers = append(wanted.Identifiers, acme.Identifier{Type: "dns", Value: name})
	}
	if directory, err := c.acme.GetDirectory(ctx); err != nil {
		return wanted, err
	} else if o.replaces != nil && directory.RenewalInfo != "" {
		wanted.Replaces, _ = acme.ARIUniqueIdentifier(o.replaces)
	}
	placed, err := c.acme.NewOrder(ctx, account, wanted)
	if wanted.Replaces != "" && err != nil && !isProblem(err, acme.ProblemTypeRateLimited) && !isProblem(err, acme.ProblemTypeAccountDoesNotExist) {
		wanted.Replaces = ""
		return c.acme.NewOrder(ctx, account, wanted)
	}
	return placed, err
}

func isProblem(err error, kind string) bool {
	var problem acme.Problem
	return errors.As(err, &problem) && problem.Type == kind
}

// prove proves that the names of an order are ours, all at once: what each needs is there before any is waited for.
func (c *client) prove(ctx context.Context, account acme.Account, a *Account, placed acme.Order, o *order) (method string, err error) {
	var open []*proof
	defer func() {
		for _, p := range open {
			p.withdraw()
		}
		if err != nil {
			c.giveUp(ctx, account, open)
		}
	}()
	if len(placed.Authorizations) > len(o.names) {
		return method, fmt.Errorf("it wants %d names proved, and %d were ordered", len(placed.Authorizations), len(o.names))
	}
	authorizations := make([]acme.Authorization, len(placed.Authorizations))
	if err := together(ctx, len(authorizations), func(ctx context.Context, i int) (err error) {
		authorizations[i], err = c.acme.GetAuthorization(ctx, account, placed.Authorizations[i])
		return err
	}); err != nil {
		return method, err
	}
	for _, authorization := range authorizations {
		if authorization.Status != acme.StatusPending {
			continue // it is known to be ours still, or finalizing tells
		}
		p, err := o.proof(ctx, authorization, a)
		if err != nil {
			return method, err
		}
		if err := p.sign(account.PrivateKey); err != nil {
			return method, err
		}
		open = append(open, p)
		if !slices.Contains(strings.Split(method, ","), p.challenge.Type) {
			method = strings.TrimPrefix(method+","+p.challenge.Type, ",")
		}
		if err := p.present(ctx); err != nil {
			return method, err
		}
	}
	if err := together(ctx, len(open), func(ctx context.Context, i int) error { return open[i].await(ctx) }); err != nil {
		return method, err
	}
	return method, together(ctx, len(open), func(ctx context.Context, i int) error {
		p := open[i]
		if _, err := c.acme.InitiateChallenge(ctx, account, p.challenge); err != nil {
			return err
		}
		_, err := c.acme.PollAuthorization(ctx, account, p.authorization)
		return err
	})
}

// giveUp tells the authority that nothing more will be proved: it would count among what is pending. What it does not take in time stays
// that for a week.
func (c *client) giveUp(ctx context.Context, account acme.Account, open []*proof) {
	within, done := context.WithTimeout(context.WithoutCancel(ctx), requestTime)
	defer done()
	together(within, len(open), func(ctx context.Context, i int) error {
		c.acme.DeactivateAuthorization(ctx, account, open[i].authorization.Location)
		return nil
	})
}

// mostTogether is how much of an order is asked for at a time: an authority may be on another continent, and a hundred names wait.
const mostTogether = 8

// together does n things, some at a time, and gives the first error: then the rest is given up.
func together(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var work sync.WaitGroup
	places := make(chan struct{}, mostTogether)
	for i := range n {
		places <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		work.Go(func() {
			defer func() { <-places }()
			if err := do(ctx, i); err != nil {
				stop(err)
			}
		})
	}
	work.Wait()
	return context.Cause(ctx)
}

// judge says what is wrong with what an authority gave: not all that comes with a good signature is what was ordered.
func judge(c *Certificate, names []string, now time.Time) error {
	if err := c.parse(); err != nil {
		return err
	}
	if c.leaf == nil {
		return errors.New("it gives an empty chain")
	}
	for _, name := range names {
		if !c.has([]string{name}) {
			return fmt.Errorf("the certificate is for %s, and not for %s", strings.Join(c.leaf.DNSNames, ", "), name)
		}
	}
	if !now.Before(c.leaf.NotAfter) {
		return fmt.Errorf("the certificate has expired on %s (is the clock right?)", c.leaf.NotAfter.UTC().Format("2006-01-02"))
	}
	if now.Add(time.Hour).Before(c.leaf.NotBefore) {
		return fmt.Errorf("the certificate is not valid before %s (is the clock right?)", c.leaf.NotBefore.UTC().Format("2006-01-02 15:04"))
	}
	return nil
}
