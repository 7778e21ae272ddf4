package health

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
)

const (
	maxPage = 64 << 10 // octets that are read of a page
	maxHead = 16 << 10 // octets of its header

	mostInterim = 5 // responses before the final one (RFC 9110, 15.2)
)

// Page is the page that is looked at.
type Page struct {
	Host   string
	Port   uint16 // 0: the usual one
	Path   string // with a query, if need be
	Secure bool   // over TLS
	Own    bool   // it is tinycdn's health page, which says which POP it is, and what that serves
	Status int    // that it must have
	Body   string // a text that must be in it
}

// lookAtPage fetches the page over a connection of its own. It follows no redirect: visitors would not stay at this POP.
func (p *Prober) lookAtPage(ctx context.Context, addr netip.AddrPort, s *Spot) Result {
	ctx, done := context.WithTimeout(ctx, s.Timeout)
	defer done()
	w := newWatch()
	conn, err := connect(ctx, "tcp", addr)
	if err != nil {
		return failed("", err, s.Timeout)
	}
	defer conn.Close()
	w.lap()
	if s.Page.Secure {
		// Sessions are not resumed: a visitor who comes first does not, either, and it would hide another certificate.
		// Nothing here is secret for years: without ML-KEM a handshake costs a quarter less.
		secured := tls.Client(conn, &tls.Config{
			ServerName: s.Page.Host, RootCAs: p.Roots, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
			CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384},
		})
		if err := secured.HandshakeContext(ctx); err != nil {
			return failed("TLS: ", err, s.Timeout)
		}
		conn = secured
	}
	w.lap()
	const request = "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: tinycdn-health\r\nAccept: */*\r\nConnection: close\r\n\r\n"
	if _, err := fmt.Fprintf(conn, request, s.Page.Path, s.Page.Host); err != nil {
		return failed("", err, s.Timeout)
	}
	from := &io.LimitedReader{R: conn, N: maxHead + maxPage}
	response, err := readResponse(bufio.NewReader(from))
	var body []byte
	if err == nil {
		w.lap()
		body, err = io.ReadAll(io.LimitReader(response.Body, maxPage))
	}
	if err != nil && from.N <= 0 {
		return Result{Why: "HTTP: its header has no end"}
	}
	if err != nil {
		return failed("HTTP: ", err, s.Timeout)
	}
	if why := s.Page.judge(s.POP, response, body, p.Live); why != "" {
		return Result{Why: why}
	}
	return Result{Took: w.took}
}

// connect is a connection that ends with ctx.
func connect(ctx context.Context, network string, addr netip.AddrPort) (net.Conn, error) {
	conn, err := (&net.Dialer{KeepAlive: -1}).DialContext(ctx, network, addr.String())
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	conn.SetDeadline(deadline)
	return conn, nil
}

// readResponse reads the header of the response, and those of what comes before it.
func readResponse(from *bufio.Reader) (*http.Response, error) {
	for range mostInterim + 1 {
		response, err := http.ReadResponse(from, nil)
		if err != nil {
			return nil, err
		}
		if response.StatusCode >= 200 {
			return response, nil
		}
	}
	return nil, fmt.Errorf("more than %d interim responses", mostInterim)
}

// judge says what is wrong with a response; "": nothing.
func (p *Page) judge(pop string, response *http.Response, body []byte, live func() uint64) string {
	if other := response.Header.Get("X-Pop"); p.Own && other != "" && other != pop {
		return "POP " + other + " answers at its address"
	}
	if p.Own {
		return judgeOwn(response, body, live)
	}
	if response.StatusCode != p.Status {
		return "status " + response.Status
	}
	if !bytes.Contains(body, []byte(p.Body)) {
		return fmt.Sprintf("%q is not in the page", p.Body)
	}
	return ""
}

// ownPage is what the health page says to everybody.
type ownPage struct {
	OK         *bool                      `json:"ok"`
	Away       string                     `json:"away"`       // why visitors had better go elsewhere, in a word
	Generation map[string]json.RawMessage `json:"generation"` // by number: one
}

// judgeOwn judges tinycdn's health page. A POP that is drained says so with an error, to whoever else looks; to the others it is well.
// One of an earlier version does not say which generation it serves.
func judgeOwn(response *http.Response, body []byte, live func() uint64) string {
	var said ownPage
	isOurs := json.Unmarshal(body, &said) == nil && said.OK != nil
	if isOurs && live != nil {
		wanted := live()
		for number := range said.Generation {
			if n, err := strconv.ParseUint(number, 10, 64); err == nil && n < wanted {
				return fmt.Sprintf("behind: it serves generation %d, and %d is live", n, wanted)
			}
		}
	}
	switch {
	case isOurs && said.Away == "drained":
		return ""
	case isOurs && said.Away != "":
		return "it says that it is " + said.Away
	case response.StatusCode != http.StatusOK:
		return "status " + response.Status
	case !isOurs:
		return "what answers there is not tinycdn"
	}
	return ""
}

// String is its URL.
func (p *Page) String() string {
	scheme, host := "http", p.Host
	if p.Secure {
		scheme = "https"
	}
	if p.Port > 0 {
		host = net.JoinHostPort(p.Host, strconv.Itoa(int(p.Port)))
	}
	return scheme + "://" + host + p.Path
}
