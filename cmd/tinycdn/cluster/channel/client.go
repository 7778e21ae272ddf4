package channel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"

	"tinycdn/cmd/tinycdn/cluster/roster"
	"tinycdn/zones/diag"
)

// Client asks one member.
type Client struct {
	http  *http.Client
	dial  func(context.Context) (net.Conn, error)
	ahead chan *ahead // for questions that find no connection free
}

// ahead is a connection that was begun before anybody asked for it.
type ahead struct {
	conn  net.Conn
	err   error
	done  chan struct{} // is closed when there is one of them
	since time.Time
}

// maxAnswer in octets, of what is not a stream: what is missing of 300,000 files, rows of all POPs, or the mistakes of a generation.
const maxAnswer = 32 << 20

// maxRefusal in octets is how much is read of why a member refuses.
const maxRefusal = 4 << 10

// maxAhead is how many connections are begun ahead.
const maxAhead = 2

// aheadTime is how old a connection may be on which nothing was asked yet: its member hangs up after twice as long.
const aheadTime = handshakeTime / 2

// NewClient asks a POP, at the first of its addresses that answers, as whoever holds the key.
func NewClient(key roster.PrivateKey, pop roster.POP) *Client {
	return NewClientOver(overTCP, key, pop)
}

// NewClientOver is NewClient over something else than TCP.
func NewClientOver(connect Connect, key roster.PrivateKey, pop roster.POP) *Client {
	c := &Client{ahead: make(chan *ahead, maxAhead), dial: func(ctx context.Context) (net.Conn, error) { return dialAny(ctx, connect, key, pop) }}
	c.http = &http.Client{Transport: &http.Transport{
		DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return c.connection(ctx) },
		MaxIdleConnsPerHost: 4, MaxResponseHeaderBytes: maxHeader,
	}}
	return c
}

func dialAny(ctx context.Context, connect Connect, key roster.PrivateKey, pop roster.POP) (conn net.Conn, err error) {
	err = fmt.Errorf("no address is known")
	for _, address := range pop.Addresses {
		if conn, err = dial(ctx, connect, address.String(), key, pop.Key); err == nil {
			return hidden{conn}, nil
		}
		if refusal := (*net.OpError)(nil); errors.As(err, &refusal) && refusal.Op == "dial" {
			err = fmt.Errorf("%v: %s", address, diag.Network(err))
		}
	}
	return nil, err
}

// Ahead begins two connections: for a question, and for one that shall not wait for the answer to it.
func (c *Client) Ahead(ctx context.Context) {
	for range maxAhead {
		a := &ahead{done: make(chan struct{}), since: time.Now()}
		select {
		case c.ahead <- a:
		default:
			return
		}
		go func() {
			defer close(a.done)
			a.conn, a.err = c.dial(ctx)
		}()
	}
}

// connection is one that was begun ahead, or a new one.
func (c *Client) connection(ctx context.Context) (net.Conn, error) {
	var a *ahead
	select {
	case a = <-c.ahead:
	default:
		return c.dial(ctx)
	}
	select {
	case <-a.done:
	case <-ctx.Done():
		a.close()
		return nil, ctx.Err()
	}
	if a.err == nil && time.Since(a.since) > aheadTime {
		a.conn.Close()
		return c.dial(ctx)
	}
	return a.conn, a.err
}

// close gives back what nobody has asked for.
func (a *ahead) close() {
	go func() {
		if <-a.done; a.err == nil {
			a.conn.Close()
		}
	}()
}

// hidden is a connection of which net/http does not see that it speaks TLS: it would hang up on a protocol that it does not know.
type hidden struct{ net.Conn }

// Refused is what a member says when it does not do what it is asked to.
type Refused struct {
	Status int
	Text   string // a line
}

func (r *Refused) Error() string { return r.Text }

// Line is a text of somebody else's in a line, without what a terminal would obey.
func Line(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text))
}

// Stream asks, and gives the answer as it comes. The caller closes it.
func (c *Client) Stream(ctx context.Context, path string, body io.Reader) (io.ReadCloser, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://member"+path, body)
	if err != nil {
		return nil, err
	}
	r, err := c.http.Do(q)
	if err != nil {
		return nil, plain(err)
	}
	if r.StatusCode != http.StatusOK {
		defer r.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(r.Body, maxRefusal))
		return nil, &Refused{r.StatusCode, Line(string(text))}
	}
	return r.Body, nil
}

// Call asks with JSON, and reads the answer, JSON too.
func (c *Client) Call(ctx context.Context, path string, question, answer any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	return c.Send(ctx, path, bytes.NewReader(body), answer)
}

// Send asks with a stream, and reads the answer, JSON; answer may be nil.
func (c *Client) Send(ctx context.Context, path string, body io.Reader, answer any) error {
	stream, err := c.Stream(ctx, path, body)
	if err != nil {
		return err
	}
	defer stream.Close()
	if answer == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(stream, maxAnswer))
		return err
	}
	return json.NewDecoder(io.LimitReader(stream, maxAnswer)).Decode(answer)
}

// Close ends the connections that nobody uses.
func (c *Client) Close() {
	for {
		select {
		case a := <-c.ahead:
			a.close()
		default:
			c.http.CloseIdleConnections()
			return
		}
	}
}

// plain is an error without what net/http puts before it.
func plain(err error) error {
	if wrapped, ok := err.(interface{ Unwrap() error }); ok && strings.HasPrefix(err.Error(), `Post "`) {
		return wrapped.Unwrap()
	}
	return err
}
