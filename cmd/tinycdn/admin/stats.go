package admin

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// StatsPath is where a POP is asked what it and the others have counted (GET): of so many days, the first so many of each kind.
const StatsPath = "/.well-known/tinycdn/stats"

// Stats asks for statistics, and gives them to read as they come.
func (c *Client) Stats(days, top int, read func(io.Reader) error) error {
	c.http.Timeout = 0 // it takes as long as reading a year does
	values := url.Values{"days": {strconv.Itoa(days)}, "top": {strconv.Itoa(top)}}
	response, err := c.http.Get("http://localhost" + StatsPath + "?" + values.Encode())
	if err != nil {
		if why := new(url.Error); errors.As(err, &why) {
			err = why.Err
		}
		return fmt.Errorf("the POP does not answer: %w", err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		return read(response.Body)
	case http.StatusNotFound:
		return errors.New("the POP is of before there were statistics")
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	return errors.New(strings.TrimSpace(string(text)))
}
