package golden

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// pageTime is how long a page may take, and pageSize how much of it is read.
	pageTime = 10 * time.Second
	pageSize = 16 << 20
)

// errNobody is that there is no connection to an address: so nothing else is asked for there.
type errNobody struct{ error }

// pages gets all pages from a place, one after the other.
func (r *Runner) pages(ctx context.Context, path string, place int, tests []*Test) {
	address := r.Places[place].Address.Addr()
	client := newClient(address)
	defer client.CloseIdleConnections()
	gone := map[string]error{} // by network: why nobody is there
	for _, t := range tests {
		network := t.Page.network()
		if gone[network] == nil {
			d, err := t.Page.get(ctx, client)
			if ctx.Err() != nil {
				return
			}
			if !errors.As(err, &errNobody{}) {
				r.add(t.check(path, d), place, t.Page.URL.Scheme, t.Page.curl(address))
				continue
			}
			gone[network] = err
		}
		r.down(place, network, gone[network], 1)
	}
}

// newClient asks one address, whatever host a page is of, as a visitor whom the DNS sent there. Certificates must be good for the host.
func newClient(at netip.Addr) *http.Client {
	dialer := net.Dialer{Timeout: answerTime}
	return &http.Client{
		Timeout:       pageTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			ForceAttemptHTTP2:  true,
			DisableCompression: true, // as curl asks
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				_, port, _ := net.SplitHostPort(address)
				conn, err := dialer.DialContext(ctx, network, net.JoinHostPort(at.String(), port))
				if err != nil {
					return nil, errNobody{silence(err)}
				}
				return conn, nil
			},
		},
	}
}

// get gets the page, and says in what it differs from what must come. The error is errNobody, or nil.
func (p *Page) get(ctx context.Context, client *http.Client) (d difference, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL.String(), nil)
	if err != nil {
		return d, err
	}
	request.Header.Set("User-Agent", "tinycdn test")
	response, err := client.Do(request)
	if err != nil {
		if errors.As(err, &errNobody{}) {
			return d, err.(*url.Error).Err //nolint:errorlint // Do gives no other (net/http)
		}
		d.add("a page", reasonOf(err))
		return d, nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, pageSize))
	if err != nil {
		d.add("a whole page", reasonOf(err))
		return d, nil
	}
	p.hold(&d, response, body)
	return d, nil
}

// hold says in what a response differs from what must come.
func (p *Page) hold(d *difference, response *http.Response, body []byte) {
	if !p.statusIs(response.StatusCode) {
		want := "a status below 400"
		if p.Status != 0 {
			want = fmt.Sprintf("status %d", p.Status)
		}
		d.add(want, fmt.Sprintf("status %d", response.StatusCode))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Header)) {
		want, got := p.Header[name], response.Header.Values(name)
		if !slices.ContainsFunc(got, func(value string) bool { return fits(value, want) }) {
			d.add(fmt.Sprintf("%s: %s", name, want), headerText(name, got))
		}
	}
	for _, text := range p.Contains {
		if !bytes.Contains(body, []byte(text)) {
			d.add(fmt.Sprintf("%q in it", text), fmt.Sprintf("%d octets without it", len(body)))
		}
	}
	if p.Certificate != nil && response.TLS != nil && len(response.TLS.PeerCertificates) > 0 {
		days := int(time.Until(response.TLS.PeerCertificates[0].NotAfter) / (24 * time.Hour))
		if days < *p.Certificate {
			d.add("a certificate for "+plural(*p.Certificate, "day")+" or more", plural(days, "day"))
		}
	}
}

// fits says whether a header's value is the one wanted; the * at its end stands for anything.
func fits(value, want string) bool {
	if begin, ok := strings.CutSuffix(want, "*"); ok {
		return strings.HasPrefix(value, begin)
	}
	return value == want
}

func headerText(name string, values []string) string {
	if len(values) == 0 {
		return "no " + name
	}
	return fmt.Sprintf("%s: %s", name, strings.Join(values, ", "))
}

// reasonOf is what went wrong, without the address that the reader has already.
func reasonOf(err error) string {
	var in *url.Error
	if errors.As(err, &in) {
		err = in.Err
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fmt.Sprintf("nothing whole in %v", pageTime)
	}
	return strings.TrimPrefix(err.Error(), "tls: failed to verify certificate: x509: ")
}
