package channel

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"tinycdn/cmd/tinycdn/cluster/roster"
)

// Client asks one member.
type Client struct {
	http *http.Client
}

// maxAnswer in octets, of what is not a stream: what is missing of 300,000 files, rows of all POPs, or the mistakes of a generation.
const maxAnswer = 32 << 20

// connectTime is how long a POP may take to be connected to.
const connectTime = 5 * time.Second

// NewClient asks a POP, at the first of its addresses that answers, as whoever holds the key.
func NewClient(key roster.PrivateKey, pop roster.POP) *Client {
	dial := func(ctx context.Context, _, _ string) (conn net.Conn, err error) {
		err = fmt.Errorf("no address is known")
		for _, address := range pop.Addresses {
			within, done := context.WithTimeout(ctx, connectTime)
			conn, err = Dial(within, address.String(), key, pop.Key)
			late := within.Err() != nil && ctx.Err() == nil
			done()
			if err == nil {
				return hidden{conn}, nil
			}
			if late {
				err = fmt.Errorf("%v does not answer within %v", address, connectTime)
			}
		}
		return nil, err
	}
	return &Client{&http.Client{Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 4, MaxResponseHeaderBytes: maxHeader}}}
}

// hidden is a connection of which net/http does not see that it speaks TLS: it would hang up on a protocol that it does not know.
type hidden struct{ net.Conn }

// Refused is what a member says when it does not do what it is asked to.
type Refused struct {
	Status int
	Text   string // a line
}

func (r *Refused) Error() string { return r.Text }

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
		text, _ := io.ReadAll(io.LimitReader(r.Body, maxAnswer))
		return nil, &Refused{r.StatusCode, strings.TrimSpace(string(text))}
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
func (c *Client) Close() { c.http.CloseIdleConnections() }

// plain is an error without what net/http puts before it.
func plain(err error) error {
	if wrapped, ok := err.(interface{ Unwrap() error }); ok && strings.HasPrefix(err.Error(), `Post "`) {
		return wrapped.Unwrap()
	}
	return err
}
