package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// patience is how long a POP may take to answer.
const patience = 10 * time.Second

// ErrNobody says that no POP has that socket.
var ErrNobody = errors.New("nobody listens there (does tinycdn run here? --config or --socket says where its socket is)")

// Client asks a POP by its socket.
type Client struct{ http http.Client }

// Dial finds out whether a POP listens at the socket at path, and if not, says why and what to do.
func Dial(path string) (*Client, error) {
	conn, err := net.Dial("unix", path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s: %w (try it with sudo)", path, reason(err))
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%s: %w", path, ErrNobody)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, reason(err))
	}
	conn.Close()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
	return &Client{http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: patience}}, nil
}

// Close closes its connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Transport asks the POP whatever a request says, over the same connections.
func (c *Client) Transport() http.RoundTripper { return c.http.Transport }

// Purge has the POP forget its responses for a URL, however that is spelled; with a * at the end of the path, for all URLs
// that begin so. It says how many there were, of a cluster at each POP; whole is false if a POP of it did not answer.
func (c *Client) Purge(u *url.URL) (forgotten string, whole bool, err error) {
	asked := *u
	asked.Scheme = "http" // as the socket is spoken to; a purge is of what is kept for HTTPS, too
	response, err := c.http.Do(&http.Request{Method: "PURGE", URL: &asked, Header: http.Header{}})
	if err != nil {
		if why := new(url.Error); errors.As(err, &why) && why.Timeout() {
			err = fmt.Errorf("nothing for %v", patience)
		} else if why != nil {
			err = why.Err
		}
		return "", false, fmt.Errorf("the POP does not answer: %w", err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK, http.StatusAccepted:
	case http.StatusMisdirectedRequest:
		return "", false, fmt.Errorf("this POP has no site with the host %s", u.Hostname())
	default:
		return "", false, fmt.Errorf("the POP answers %s", response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 64<<10)) // to its end, for the next URL over the same connection
	if forgotten = strings.TrimSuffix(string(text), "\n"); err != nil || !strings.Contains(forgotten, " forgotten") || strings.Contains(forgotten, "\n") {
		return "", false, errors.New("the POP's answer makes no sense: is it another program's socket?")
	}
	return forgotten, response.StatusCode == http.StatusOK, nil
}

// RestartPath is where a POP is asked for a silent restart (POST), and whether one is under way (GET).
const RestartPath = "/.well-known/tinycdn/restart"

// DrainPath is where a POP is asked to drain one.
const DrainPath = "/.well-known/tinycdn/drain"

// Drain asks a POP to drain one, or which are drained: question and answer are those of the POP.
func (c *Client) Drain(ctx context.Context, question, answer any) error {
	text, err := json.Marshal(question)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost"+DrainPath, bytes.NewReader(text))
	if err != nil {
		return err
	}
	status, said, err := c.do(request)
	switch {
	case err != nil:
		return err
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return errors.New("the POP that runs knows nothing of drains: tinycdn restart has it become the program on disk")
	case status != http.StatusOK:
		return errors.New(said)
	}
	return json.Unmarshal([]byte(said), answer)
}

// again is how soon a POP is asked again that is about to become its successor.
const again = 200 * time.Millisecond

// Restart has the POP become the program that lies on its disk, and waits until it has. It says which version that is.
func (c *Client) Restart(ctx context.Context) (version string, err error) {
	c.http.Timeout = 0 // it takes as long as loading does
	status, version, err := c.ask(ctx, http.MethodPost)
	if err != nil {
		return "", err
	}
	if status != http.StatusAccepted {
		return "", errors.New(version)
	}
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(again):
		}
		switch status, version, err := c.ask(ctx, http.MethodGet); {
		case err != nil && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)):
			return "", errors.New("the POP has ended meanwhile (its log says why)")
		case err == nil && status == http.StatusOK:
			return version, nil
		} // else the one that ends had no time for an answer
	}
}

// ask asks about a restart.
func (c *Client) ask(ctx context.Context, method string) (status int, text string, err error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://localhost"+RestartPath, nil)
	if err != nil {
		return 0, "", err
	}
	status, text, err = c.do(request)
	if status == http.StatusNotFound || status == http.StatusMethodNotAllowed {
		return 0, "", errors.New("the POP that runs knows no restart without silence: have the service manager restart it this time")
	}
	return status, text, err
}

// do asks over a connection of its own, and reads a short answer.
func (c *Client) do(request *http.Request) (status int, text string, err error) {
	request.Close = true
	response, err := c.http.Do(request)
	if err != nil {
		if why := new(url.Error); errors.As(err, &why) {
			err = why.Err
		}
		return 0, "", fmt.Errorf("the POP does not answer: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	return response.StatusCode, strings.TrimSpace(string(body)), err
}
