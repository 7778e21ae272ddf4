package origin

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// switcher is an application that would switch to any protocol, asked or not. It gives what it was asked, line by line.
func switcher(t *testing.T) (at *url.URL, asked <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	lines := make(chan string, 1000)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				in := bufio.NewScanner(conn)
				for in.Scan() {
					lines <- in.Text()
					if in.Text() == "" {
						io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
					}
				}
				lines <- "end"
			}()
		}
	}()
	return &url.URL{Scheme: "http", Host: l.Addr().String()}, lines
}

func TestOnlyAWebSocketBecomesATunnel(t *testing.T) {
	t.Parallel()
	const key = "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n"
	for _, c := range []struct {
		name, request string
		status        int
	}{
		{"WebSocket", "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n" + key, 101},
		{"h2c", "GET / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n" + key, 502},
		{"h2c, settings not named", "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n", 502},
		{"h2c in a POST", "POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 0\r\n", 502},
		{"anything", "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: anything/1\r\n" + key, 502},
		{"a choice", "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket, h2c\r\n" + key, 502},
		{"two fields", "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n" + key, 502},
		{"no key", "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", 502},
		{"empty key", "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key:\r\n", 502},
		{"not named in Connection", "GET / HTTP/1.1\r\nUpgrade: websocket\r\n" + key, 502},
		{"WebSocket in a POST", "POST / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n" + key, 502},
		{"WebSocket with a body", "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n" + key, 502},
		{"WebSocket over HTTP/1.0", "GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + key, 502},
		{"range", "GET / HTTP/1.1\r\nRange: bytes=0-1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n", 502},
		{"nothing", "GET / HTTP/1.1\r\nAccept: text/event-stream\r\n", 502},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			at, asked := switcher(t)
			h := newLoopbackFixture(t, func(config *Config) { config.URL = at })
			conn, err := net.Dial("tcp", h.front.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(time.Minute))
			io.WriteString(conn, c.request+"Host: example.com\r\n\r\n")
			if strings.Contains(c.request, "Content-Length: 1\r") {
				io.WriteString(conn, "x")
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil || response.StatusCode != c.status {
				t.Fatalf("got %v, %v, want %d", response, err, c.status)
			}
			io.WriteString(conn, "GET /internal HTTP/1.1\r\n")
			conn.(*net.TCPConn).CloseWrite()
			var lines []string
			for line := ""; line != "end"; {
				lines = append(lines, strings.ToLower(line))
				select {
				case line = <-asked:
				case <-time.After(time.Minute):
					t.Fatalf("the connection to the application stays open after\n%s", strings.Join(lines, "\n"))
				}
			}
			all := strings.Join(lines, "\n")
			if tunnel := c.status == 101; strings.Contains(all, "\nupgrade: ") != tunnel || strings.Contains(all, "get /internal") != tunnel {
				t.Errorf("the application got:\n%s", all)
			}
			if strings.Contains(all, "http2-settings") {
				t.Errorf("settings of the visitor's connection reach the application:\n%s", all)
			}
		})
	}
}

func TestAPageIsServedToWhoWouldRatherHaveAnotherProtocol(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newFixture(t)
		h.says("Cache-Control: max-age=60")
		h.get("/", "")
		if a := h.get("/", "Connection: Upgrade, HTTP2-Settings | Upgrade: h2c | HTTP2-Settings: AAMAAABk"); a.word != "hit" || a.body != "page 1" {
			t.Errorf("got %d %s %q, want what is kept", a.status, a.word, a.body)
		}
	})
}
