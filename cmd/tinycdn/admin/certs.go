package admin

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// CertsPath is where a POP is asked how it stands with the certificates that it orders (GET), and to do something about them (POST).
const CertsPath = "/.well-known/tinycdn/certs"

// mostCerts bounds what a POP says of its certificates.
const mostCerts = 16 << 20

// Certs is how it stands with the certificates that the POP orders, as it says it.
func (c *Client) Certs() ([]byte, error) { return c.certs(http.MethodGet, nil) }

// DoWithCerts has the POP do something with certificates: what, which, and for "revoke" why. What comes of an order, the list says.
func (c *Client) DoWithCerts(what string, names []string, reason string) error {
	_, err := c.certs(http.MethodPost, url.Values{"do": {what}, "name": names, "reason": {reason}})
	return err
}

func (c *Client) certs(method string, values url.Values) ([]byte, error) {
	request, err := http.NewRequest(method, "http://localhost"+CertsPath+"?"+values.Encode(), nil)
	if err != nil {
		return nil, err
	}
	c.http.Timeout = 0 // an authority is asked meanwhile, which has a time of its own
	response, err := c.http.Do(request)
	if err != nil {
		if why := new(url.Error); errors.As(err, &why) {
			err = why.Err
		}
		return nil, fmt.Errorf("the POP does not answer: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostCerts))
	switch {
	case err != nil:
		return nil, err
	case response.StatusCode == http.StatusNotFound:
		return nil, errors.New("the POP orders no certificates (its configuration has no [acme], or it is of before there was that)")
	case response.StatusCode != http.StatusOK:
		return nil, errors.New(strings.TrimSpace(string(text)))
	}
	return text, nil
}
