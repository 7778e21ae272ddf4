// Package notify tells people what happens to POPs, by webhooks.
package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tinycdn/zones/diag"
)

// Format is how a message is written for a webhook.
type Format string

const (
	Ntfy  Format = "ntfy"  // the text, its title and how urgent it is in header fields
	Slack Format = "slack" // {"text": "..."}, which Mattermost, Discord and others take, too
	Plain Format = "plain" // the text alone
)

// Target is a webhook.
type Target struct {
	Format Format
	url    *url.URL // it may hold a secret: nobody is told more of it than the host
}

// Parse reads "https://ntfy.sh/topic", with "ntfy+", "slack+" or "plain+" before it if the host does not tell. An error does not repeat
// the text.
func Parse(text string) (Target, error) {
	named, rest, ok := strings.Cut(text, "+")
	format := Format(named)
	if ok = ok && (format == Ntfy || format == Slack || format == Plain); !ok {
		format, rest = "", text
	}
	u, err := url.Parse(rest)
	switch {
	case err != nil:
		return Target{}, errors.New("this is no URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return Target{}, errors.New(`want the URL of a webhook, "https://ntfy.sh/topic"; with "ntfy+", "slack+" or "plain+" before it if the host does not tell how messages are written`)
	case u.Hostname() == "":
		return Target{}, errors.New("the URL has no host")
	}
	if format == "" {
		format = formatOf(u)
	}
	return Target{format, u}, nil
}

// formatOf is how the services that many use want their messages.
func formatOf(u *url.URL) Format {
	switch host := strings.ToLower(u.Hostname()); {
	case host == "ntfy.sh", strings.HasPrefix(host, "ntfy."):
		return Ntfy
	case host == "hooks.slack.com", (host == "discord.com" || host == "discordapp.com") && strings.HasSuffix(u.Path, "/slack"):
		return Slack
	}
	return Plain
}

// key is another one for each webhook, and for each way to write for it.
func (t Target) key() string { return string(t.Format) + "+" + t.url.String() }

// String is what everybody may know of it.
func (t Target) String() string { return t.url.Host }

// request is a message on its way.
func (t Target) request(ctx context.Context, m *Message) (*http.Request, error) {
	text := m.Title + "\n" + m.Text
	header := http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "User-Agent": {"tinycdn"}}
	switch t.Format {
	case Ntfy:
		text = m.Text
		header.Set("Title", mime.QEncoding.Encode("utf-8", m.Title))
		header.Set("Tags", m.Tag)
		header.Set("Priority", "default")
		if m.Urgent {
			header.Set("Priority", "high")
		}
	case Slack:
		quoted, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			return nil, err
		}
		text = string(quoted)
		header.Set("Content-Type", "application/json")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url.String(), bytes.NewReader([]byte(text)))
	if err == nil {
		r.Header = header
	}
	return r, err
}

// tryTime is how long a webhook may take to answer.
const tryTime = 5 * time.Second

// mostSaid is how much of an answer is read, in octets: enough to see whose it is.
const mostSaid = 200

// newClient is what asks webhooks. A redirect is not followed: a POST would become a GET.
func newClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives, transport.MaxResponseHeaderBytes = true, 16<<10
	return &http.Client{Transport: transport, Timeout: tryTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// post sends a message once, and gives the beginning of what was answered.
func (t Target) post(ctx context.Context, by *http.Client, m *Message) (said string, err error) {
	request, err := t.request(ctx, m)
	if err != nil {
		return "", errors.New("this is no URL")
	}
	response, err := by.Do(request)
	if err != nil {
		why := (*url.Error)(nil)
		switch {
		case !errors.As(err, &why):
		case why.Timeout():
			err = fmt.Errorf("nothing for %v", by.Timeout)
		default:
			err = errors.New(firstLine([]byte(diag.Network(why.Err)))) // without the URL
		}
		return "", err
	}
	defer response.Body.Close()
	switch code := response.StatusCode; {
	case code >= 300 && code < 400:
		return "", fmt.Errorf("it answers %s, and is not followed (write the URL that it leads to)", response.Status)
	case code < 200 || code >= 300:
		return "", fmt.Errorf("it answers %s", response.Status)
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, mostSaid)) // the status says that it was taken
	return strings.TrimSpace(response.Status + " " + firstLine(text)), nil
}

// firstLine is what can be shown of an answer.
func firstLine(text []byte) string {
	line, _, _ := strings.Cut(string(text[:min(len(text), mostSaid)]), "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, line))
}
