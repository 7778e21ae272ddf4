package acme

import (
	"cmp"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"tinycdn/geoip/plainfile"

	"github.com/mholt/acmez/v3/acme"
)

// authority is who certificates are ordered from.
type authority interface {
	// obtain gets a chain in PEM for a key. The account is made if need be; it may have changed even if there is an error.
	obtain(ctx context.Context, a *Account, o *order) (chain, method string, err error)
	// window asks when to renew, and when to ask again; without an error there may be no window.
	window(ctx context.Context, leaf *x509.Certificate) (start, end, ask time.Time, page string, err error)
	revoke(ctx context.Context, a *Account, c *Certificate, reason int) error
	rekey(ctx context.Context, a *Account) error
	// busy is until when it wants to be left alone, as it said last.
	busy() time.Time
	// hangUp ends the connections that are in no use.
	hangUp()
}

// order is what is wanted of an authority.
type order struct {
	names    []string
	key      crypto.Signer
	replaces *x509.Certificate // nil: none of the same authority
	config   *Config
	solver   *solver
	keep     func(*Account) // what is known of it by now, others must know before the order is over
	now      func() time.Time
}

// client is an authority by its directory.
type client struct {
	acme acme.Client
	web  *answers
}

const (
	// requestTime is how long an authority may take to answer one request, and orderTime for all of an order: its perspectives wait
	// for what does not answer.
	requestTime = 30 * time.Second
	orderTime   = 5 * time.Minute
	// longestAnswer is far more than the longest chain takes.
	longestAnswer = 1 << 20
)

func dial(directory string, roots *x509.CertPool) authority {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	transport.ForceAttemptHTTP2 = true
	transport.IdleConnTimeout = requestTime
	web := &answers{next: transport}
	return &client{acme.Client{Directory: directory, UserAgent: "tinycdn", HTTPClient: &http.Client{Transport: web, Timeout: requestTime}, PollTimeout: orderTime}, web}
}

// answers looks at what an authority answers: no more is read of it than makes sense, and what it says of waiting is kept.
type answers struct {
	next *http.Transport
	lock sync.Mutex
	wait time.Time
}

// RoundTrip is that of net/http.
func (t *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(response.Body, longestAnswer), response.Body}
	if response.StatusCode == http.StatusTooManyRequests || response.StatusCode == http.StatusServiceUnavailable {
		if until := retryAfter(response.Header.Get("Retry-After"), time.Now()); !until.IsZero() {
			t.lock.Lock()
			t.wait = until
			t.lock.Unlock()
		}
	}
	return response, nil
}

// retryAfter reads that field (RFC 9110, 10.2.3).
func retryAfter(value string, now time.Time) time.Time {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return now.Add(time.Duration(seconds) * time.Second)
	}
	at, _ := http.ParseTime(value)
	return at
}

func (c *client) busy() time.Time {
	c.web.lock.Lock()
	defer c.web.lock.Unlock()
	return c.web.wait
}

func (c *client) hangUp() { c.web.next.CloseIdleConnections() }

// account is ours with the authority, made if there is none yet.
func (c *client) account(ctx context.Context, a *Account, config *Config) (acme.Account, error) {
	key, err := a.signer()
	if err != nil {
		return acme.Account{}, err
	}
	account := acme.Account{Status: acme.StatusValid, Location: a.URL, PrivateKey: key}
	if config.Email != "" {
		account.Contact = []string{"mailto:" + config.Email}
	}
	switch {
	case a.URL != "" && a.Email == config.Email:
		return account, nil
	case a.URL != "":
		if _, err = c.acme.UpdateAccount(ctx, account); err == nil {
			a.Email = config.Email
		}
		return account, err
	}
	account.TermsOfServiceAgreed = true
	if err := c.bind(ctx, &account, config); err != nil {
		return account, err
	}
	if account, err = c.acme.NewAccount(ctx, account); err != nil {
		return account, err
	}
	account.PrivateKey = key
	if account.Status != acme.StatusValid || account.Location == "" {
		return account, fmt.Errorf("it made an account that is %s", cmp.Or(account.Status, "nowhere"))
	}
	a.URL, a.Email = account.Location, config.Email
	return account, nil
}

// bind shows the authority whose customer we are, if it wants to know.
func (c *client) bind(ctx context.Context, account *acme.Account, config *Config) error {
	directory, err := c.acme.GetDirectory(ctx)
	if err != nil || directory.Meta == nil || !directory.Meta.ExternalAccountRequired {
		return err
	}
	key := os.Getenv(eabVariable)
	if config.EAB.Key != "" {
		text, _, err := plainfile.Read(config.EAB.Key, mostFile)
		if err != nil {
			return told(config.EAB.Key, err)
		}
		key = string(text)
	}
	key = strings.TrimRight(strings.TrimSpace(key), "=")
	if config.EAB.ID == "" || key == "" {
		return errors.New("it takes only its customers (say acme.eab: the id and the key that it gives for that)")
	}
	if _, err := base64.RawURLEncoding.DecodeString(key); err != nil {
		return errors.New("acme.eab.key is no key in base64url")
	}
	account.ExternalAccountBinding = nil
	return account.SetExternalAccountBinding(ctx, &c.acme, acme.EAB{KeyID: config.EAB.ID, MACKey: key})
}

func (c *client) window(ctx context.Context, leaf *x509.Certificate) (start, end, ask time.Time, page string, err error) {
	info, err := c.acme.GetRenewalInfo(ctx, leaf)
	if errors.Is(err, acme.ErrUnsupported) {
		return start, end, ask, "", nil
	}
	if err != nil {
		return start, end, ask, "", err
	}
	if info.RetryAfter != nil {
		ask = *info.RetryAfter
	}
	return info.SuggestedWindow.Start, info.SuggestedWindow.End, ask, info.ExplanationURL, nil
}

func (c *client) revoke(ctx context.Context, a *Account, have *Certificate, reason int) error {
	key, err := a.signer()
	if err != nil {
		return err
	}
	return c.acme.RevokeCertificate(ctx, acme.Account{Location: a.URL, PrivateKey: key}, have.leaf, nil, reason)
}

// rekey gives the account another key (RFC 8555, 7.3.5).
func (c *client) rekey(ctx context.Context, a *Account) error {
	old, err := a.signer()
	if err != nil {
		return err
	}
	key, text, err := newKey()
	if err != nil {
		return err
	}
	if _, err = c.acme.AccountKeyRollover(ctx, acme.Account{Location: a.URL, PrivateKey: old}, key); err == nil {
		a.Key = text
	}
	return err
}
