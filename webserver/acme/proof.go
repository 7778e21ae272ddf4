package acme

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mholt/acmez/v3/acme"
)

// proof is that one name is ours.
type proof struct {
	solver        *solver
	authorization acme.Authorization
	challenge     acme.Challenge
	standing      string // of DNS-PERSIST-01: the record that is there
	isHere        bool   // it lies over a zone here
}

// proof picks the challenge for a name: the one that the configuration says, or the next best that the authority takes.
func (o *order) proof(ctx context.Context, authorization acme.Authorization, a *Account) (*proof, error) {
	name := authorization.Identifier.Value
	if !slices.Contains(o.names, name) && !slices.Contains(o.names, "*."+name) {
		return nil, fmt.Errorf("it wants %s proved, which was not ordered", authorization.IdentifierValue())
	}
	var offered []string
	of := map[string]acme.Challenge{}
	for _, challenge := range authorization.Challenges {
		offered = append(offered, challenge.Type)
		of[challenge.Type] = challenge
	}
	usual := *o.config
	ours := func() bool { return o.solver.Ours(challengeOwner + name) }
	kind := usual.Method(authorization.Wildcard, ours)
	var missing error
	if persist, takes := of[acme.ChallengeTypeDNSPersist01]; takes && (kind == acme.ChallengeTypeDNSPersist01 || o.config.challenge() == "auto" && !ours()) {
		p := &proof{solver: o.solver, authorization: authorization, challenge: persist}
		if missing = o.persist(ctx, p, a); missing == nil {
			return p, nil
		}
	}
	if kind == acme.ChallengeTypeDNSPersist01 {
		usual.Challenge = "auto"
		kind = usual.Method(authorization.Wildcard, ours)
	}
	if missing != nil && kind == acme.ChallengeTypeDNS01 && !ours() {
		return nil, fmt.Errorf("%s: %w", authorization.IdentifierValue(), missing)
	}
	if challenge, takes := of[kind]; takes {
		return &proof{solver: o.solver, authorization: authorization, challenge: challenge}, nil
	}
	return nil, fmt.Errorf("%s: the authority takes no proof by %s (but by %s)", authorization.IdentifierValue(), kind, strings.Join(offered, ", "))
}

// persist finds the record of DNS-PERSIST-01 for a name: over a zone here, where it is laid by now, or where its DNS is.
func (o *order) persist(ctx context.Context, p *proof, a *Account) error {
	issuers := p.challenge.IssuerDomainNames
	if len(issuers) == 0 {
		return errors.New("the authority does not say what it is called in a record that is to stay (issuer-domain-names)")
	}
	if !a.isAtHome() {
		return fmt.Errorf("a record that is to stay would name an account that is not with it: %s", a.URL)
	}
	if a.Issuer != issuers[0] {
		a.Issuer = issuers[0]
		o.keep(a) // then the record is laid everywhere
	}
	want := permission{issuers: issuers, account: a.URL, wildcard: p.authorization.Wildcard}
	owner := persistOwner + p.name()
	if text, err := want.find(o.solver.Standing(owner), o.now()); err == nil {
		p.standing, p.isHere = text, true
		return nil
	}
	texts, err := o.solver.Texts(ctx, owner)
	if err != nil {
		return err
	}
	if p.standing, err = want.find(texts, o.now()); err == nil {
		p.isHere = slices.Contains(o.solver.Standing(owner), p.standing) // where its CNAME leads
	} else {
		return fmt.Errorf("its DNS is elsewhere: put there %s. TXT %q (%w)", owner, want.text(), err)
	}
	return nil
}

// sign makes what answers the challenge, with the account's key (RFC 8555, 8.1). What the authority says that this is does not count: what
// another one wants to see of somebody else would get that one certificates for our names.
func (p *proof) sign(key crypto.Signer) error {
	if p.challenge.Type == acme.ChallengeTypeDNSPersist01 {
		return nil // the record names the account
	}
	print, err := thumbprint(key)
	p.challenge.KeyAuthorization = p.challenge.Token + "." + print
	return err
}

// thumbprint is that of a key's public half (RFC 7638, 3).
func thumbprint(key crypto.Signer) (string, error) {
	public, _ := key.Public().(*ecdsa.PublicKey)
	if public == nil || public.Curve != elliptic.P256() {
		return "", errors.New("the account's key is none of ECDSA P-256, as all are that are made here")
	}
	point, err := public.ECDH()
	if err != nil {
		return "", err
	}
	xy, text := point.Bytes()[1:], base64.RawURLEncoding.EncodeToString
	hash := sha256.Sum256(fmt.Appendf(nil, `{"crv":"P-256","kty":"EC","x":%q,"y":%q}`, text(xy[:32]), text(xy[32:])))
	return text(hash[:]), nil
}

const challengeOwner = "_acme-challenge."

func (p *proof) name() string { return p.authorization.Identifier.Value }

func (p *proof) present(ctx context.Context) error {
	switch p.challenge.Type {
	case acme.ChallengeTypeHTTP01:
		p.solver.tokens.Store(p.challenge.Token, p.challenge.KeyAuthorization)
	case acme.ChallengeTypeDNS01:
		return p.solver.Present(ctx, challengeOwner+p.name(), p.challenge.DNS01KeyAuthorization())
	}
	return nil
}

func (p *proof) await(ctx context.Context) error {
	switch {
	case p.challenge.Type == acme.ChallengeTypeDNS01:
		return p.solver.Await(ctx, challengeOwner+p.name(), p.challenge.DNS01KeyAuthorization())
	case p.isHere: // but for the first time all have it
		return p.solver.Await(ctx, persistOwner+p.name(), p.standing)
	}
	return nil
}

func (p *proof) withdraw() {
	switch p.challenge.Type {
	case acme.ChallengeTypeHTTP01:
		p.solver.tokens.Delete(p.challenge.Token)
	case acme.ChallengeTypeDNS01:
		p.solver.Withdraw(challengeOwner+p.name(), p.challenge.DNS01KeyAuthorization())
	}
}
