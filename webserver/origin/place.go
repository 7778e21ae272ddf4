package origin

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// scheme begins the place of an application that listens on a unix socket.
const scheme = "unix:"

// LongestSocket is how many bytes the path of a unix socket may have: the system's limit, without the zero at its end.
const LongestSocket = len(syscall.RawSockaddrUnix{}.Path) - 1

// Parse reads where an application is: a URL, whose path comes before every path, or "unix:/run/app.sock". The error says what to
// write instead. It never tells a password.
func Parse(text string) (u *url.URL, socket string, err error) {
	if meant := socketMeant(text); meant != "" && !strings.Contains(text, "@") {
		return nil, "", fmt.Errorf("a unix socket is written %q", scheme+meant)
	}
	if socket, ok := strings.CutPrefix(text, scheme); ok && !strings.HasPrefix(socket, "//") {
		return &url.URL{Scheme: "http", Host: "localhost"}, socket, nil
	}
	u, err = url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		err = fmt.Errorf(`%q is not a URL like "http://127.0.0.1:3000"`, text)
	case !isPort(u.Port()):
		err = fmt.Errorf("%s is not the number of a port (1 to 65535)", u.Port())
	case strings.ContainsAny(text, "?#"):
		err = fmt.Errorf("an origin is a host, perhaps with a path: leave out %q (the visitor's query goes along)", text[strings.IndexAny(text, "?#"):])
	}
	if u != nil && u.User != nil || err != nil && strings.Contains(text, "@") {
		err = errors.New("an origin takes no user and password: leave out what stands before the @")
	}
	if err != nil {
		return nil, "", err
	}
	return u, "", nil
}

// socketMeant is the path of the unix socket that somebody means who writes it as for another program; "": nobody does.
func socketMeant(text string) string {
	for _, other := range []string{"http+unix://", "http://unix:", "https://unix:", "unix+http://", "unix//", "unix://"} {
		rest, ok := strings.CutPrefix(text, other)
		if plain, err := url.PathUnescape(rest); ok && err == nil && !isPort(plain) {
			socket, _, _ := strings.Cut(plain, ":") // nginx has a path behind it
			return path.Clean("/" + socket)
		}
	}
	switch socket, behind, hasBehind := strings.Cut(strings.TrimPrefix(text, scheme), ":"); {
	case text == scheme:
		return "/run/app.sock"
	case strings.HasPrefix(text, "/"), strings.HasPrefix(text, scheme) && hasBehind && (behind == "" || behind[0] == '/'):
		return socket
	}
	return ""
}

// isPort says whether a URL with this port can be asked; "" is the usual one.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && n > 0
}

// place is where the application is, for people.
func (s *Site) place() string {
	if s.config.Socket != "" {
		return scheme + s.config.Socket
	}
	return s.config.URL.Host
}
