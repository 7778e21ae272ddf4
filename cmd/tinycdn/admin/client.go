package admin

import (
	"context"
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

// Client asks a POP by its socket.
type Client struct{ http http.Client }

// Dial finds out whether a POP listens at the socket at path, and if not, says why and what to do.
func Dial(path string) (*Client, error) {
	conn, err := net.Dial("unix", path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s: %w (try it with sudo)", path, reason(err))
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("%s: nobody listens there (does tinycdn run here, with a site? --config or --socket says where its socket is)", path)
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
