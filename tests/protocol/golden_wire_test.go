package protocol

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"strings"
	"testing"
	"time"

	"tinycdn/tests/testkit"
)

// dialPages connects to the page server, over TLS with HTTP/1.1 in it.
func dialPages(t *testing.T, h *testkit.Host, transport, host string) net.Conn {
	t.Helper()
	var conn net.Conn
	var err error
	if transport == "tls" {
		config := &tls.Config{RootCAs: testkit.Authority().Pool, ServerName: host, NextProtos: []string{"http/1.1"}}
		conn, err = tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", h.Ports.HTTPS), config)
	} else {
		conn, err = net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", h.Ports.HTTP))
	}
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(testkit.Patience))
	return conn
}

// raw sends the request as it stands, and gives all that comes back as text: the lines of each header as they come, a
// line on each body, and whether the connection can be used again.
func (s *step) raw(t *testing.T, conn net.Conn) string {
	t.Helper()
	defer conn.Close()
	// Whoever is refused early has not been read to the end: what is wrong with that, the response tells.
	io.WriteString(conn, s.text)
	in := bufio.NewReader(conn)
	var b strings.Builder
	for _, method := range s.methods() {
		status, err := s.response(&b, in, conn, method)
		if err != nil {
			return b.String() + "the connection ends\n"
		}
		if status == 101 {
			reply := make([]byte, len(s.then))
			if _, err := io.ReadFull(in, reply); err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			return b.String() + fmt.Sprintf("tunnel %q\n", reply)
		}
	}
	// Is it answered on this connection? The header of what is there for it tells, and the body is none.
	io.WriteString(conn, "HEAD /notes.txt HTTP/1.1\r\nHost: example.org\r\nUser-Agent: probe\r\n\r\n")
	line, err := in.ReadString('\n')
	if err != nil {
		return b.String() + "the connection ends\n"
	}
	if !strings.HasPrefix(line, "HTTP/1.1 ") {
		t.Errorf("%s: behind the response there is %q", s.name, line)
	}
	return b.String()
}

// response reads a response, and writes it down.
func (s *step) response(b *strings.Builder, in *bufio.Reader, conn net.Conn, method string) (status int, err error) {
	length, chunked := int64(-1), false
	for n := 0; ; n++ {
		line, err := in.ReadString('\n')
		if err != nil {
			return 0, err
		}
		b.WriteString(strings.TrimSuffix(line, "\r\n") + "\n")
		if n == 0 {
			if len(line) < 12 {
				return 0, io.ErrUnexpectedEOF
			}
			status, _ = strconv.Atoi(line[9:12])
			continue
		}
		if line == "\r\n" {
			break
		}
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case strings.EqualFold(name, "Content-Length"):
			length, _ = strconv.ParseInt(value, 10, 64)
		case strings.EqualFold(name, "Transfer-Encoding"):
			chunked = value == "chunked"
		}
	}
	switch {
	case status == 100 || status == 101:
		if _, err := io.WriteString(conn, s.then); err != nil || status == 101 {
			return status, err
		}
		return s.response(b, in, conn, method)
	case method == "HEAD" || status == 204 || status == 304:
		return status, nil
	}
	var body []byte
	switch {
	case chunked:
		if body, err = io.ReadAll(httputil.NewChunkedReader(in)); err == nil {
			var end string
			for end != "\r\n" && err == nil { // what is behind the last chunk
				if end, err = in.ReadString('\n'); end != "\r\n" {
					b.WriteString("trailer " + end)
				}
			}
		}
	case length >= 0:
		body = make([]byte, length)
		_, err = io.ReadFull(in, body)
	default:
		body, err = io.ReadAll(in)
	}
	b.WriteString(s.bodyLine(body))
	return status, err
}
